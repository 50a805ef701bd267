import JSON

@testable import Engine

extension EngineFixture {
    /// The club with three tiers, three events and four members.
    static func club(_ limits: EngineLimits = EngineLimits()) throws -> EngineFixture {
        try EngineFixture(clubSchema, rows: JSONValue(parsing: clubRows), limits: limits)
    }

    private static let clubRows = #"""
        {
          "Tier": [
            {"id": "tier_1", "name": "Bronze", "level": 1, "threshold": 0},
            {"id": "tier_2", "name": "Silver", "level": 2, "threshold": 100},
            {"id": "tier_3", "name": "Gold", "level": 3, "threshold": 500}
          ],
          "Event": [
            {"id": "evt_1", "title": "Tasting", "startsAt": "2026-03-01T18:00:00Z",
             "city": "Oslo", "capacity": 10, "tier": "tier_1"},
            {"id": "evt_2", "title": "Talk", "startsAt": "2026-04-01T18:00:00Z",
             "city": "Bergen", "capacity": 20, "tier": "tier_2"},
            {"id": "evt_3", "title": "Gala", "startsAt": "2026-05-01T18:00:00Z",
             "city": "Oslo", "capacity": 100, "tier": "tier_2"}
          ],
          "Member": [
            {"id": "mem_1", "name": "Ada", "email": "ada@example.org", "phone": null,
             "joinedAt": "2025-01-01T00:00:00Z", "city": "Oslo", "pointsBalance": 120,
             "status": "active", "tier": "tier_2"},
            {"id": "mem_2", "name": "Bo", "email": "bo@example.org", "phone": "+47 1",
             "joinedAt": "2025-02-01T00:00:00Z", "city": "Bergen", "pointsBalance": 40,
             "status": "paused", "tier": "tier_1"},
            {"id": "mem_3", "name": "Cy", "email": "cy@example.org", "phone": "+47 2",
             "joinedAt": "2025-03-01T00:00:00Z", "city": "Oslo", "pointsBalance": 120,
             "status": "active", "tier": "tier_2"},
            {"id": "mem_4", "name": "Dee", "email": "dee@example.org", "phone": null,
             "joinedAt": "2025-04-01T00:00:00Z", "city": "Oslo", "pointsBalance": 700,
             "status": "cancelled", "tier": "tier_3"}
          ],
          "Registration": [
            {"id": "reg_1", "member": "mem_1", "event": "evt_1", "status": "confirmed",
             "at": "2026-02-01T00:00:00Z"},
            {"id": "reg_2", "member": "mem_1", "event": "evt_2", "status": "waitlisted",
             "at": "2026-02-02T00:00:00Z"},
            {"id": "reg_3", "member": "mem_2", "event": "evt_1", "status": "attended",
             "at": "2026-02-03T00:00:00Z"}
          ],
          "PointsEntry": [
            {"id": "pts_1", "member": "mem_1", "delta": 100, "reason": "purchase",
             "at": "2025-02-01T00:00:00Z", "balance": 100},
            {"id": "pts_2", "member": "mem_1", "delta": 20, "reason": "event_checkin",
             "at": "2025-03-01T00:00:00Z", "balance": 120},
            {"id": "pts_3", "member": "mem_2", "delta": 40, "reason": "referral",
             "at": "2025-03-01T00:00:00Z", "balance": 40},
            {"id": "pts_4", "member": "mem_3", "delta": 120, "reason": "purchase",
             "at": "2025-04-01T00:00:00Z", "balance": 120},
            {"id": "pts_5", "member": "mem_4", "delta": 700, "reason": "purchase",
             "at": "2025-05-01T00:00:00Z", "balance": 700}
          ]
        }
        """#
}
