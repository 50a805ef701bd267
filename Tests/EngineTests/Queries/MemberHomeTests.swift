import Foundation
import JSON
import Membership
import Testing

@testable import Engine

/// The membership schema that ships with the product, asked what it exists for.
@Suite struct MemberHomeTests {
    private static let memberHome = """
        query MemberHome($id: ID!) {
          member(id: $id) {
            name
            tier {
              name
              benefits { name }
              events(first: 5, filter: { startsAt: { gte: "2026-01-01T00:00:00Z" } }, orderBy: [{ startsAt: ASC }]) {
                nodes { title startsAt capacity pointsHistory(first: 3) { nodes { delta at member { name } } } }
              }
            }
            pointsHistory(first: 20, orderBy: [{ at: DESC }]) {
              totalCount
              nodes { type delta balanceAfter at reason }
              pageInfo { hasNextPage endCursor }
            }
          }
        }
        """

    private let home: EngineFixture

    init() throws {
        let here = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        let root = here.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let model = try buildModel(
            loadSchemaFiles(root.appendingPathComponent("schema").path), rules: membershipRules)
        home = try EngineFixture(model, rows: JSONValue(parsing: Self.rows))
    }

    @Test func `a member sees tier, benefits, events and points in one answer`() throws {
        let answer = try home.ask(Self.memberHome, ["id": "mem_1"])
        let history = answer.json?["data"]?["member"]?["pointsHistory"]
        let cursor = try #require(history?["pageInfo"]?["endCursor"]?.string)
        try home.check(
            Self.memberHome, ["id": "mem_1"],
            gives: #"""
                {"data":{"member":{
                  "name":"王小明",
                  "tier":{
                    "name":"金卡",
                    "benefits":[{"name":"九折"},{"name":"生日礼"}],
                    "events":{"nodes":[
                      {"title":"品酒会","startsAt":"2026-03-01T10:00:00.000Z","capacity":20,"pointsHistory":{"nodes":[
                        {"delta":50,"at":"2026-03-01T12:00:00.000Z","member":{"name":"王小明"}},
                        {"delta":60,"at":"2026-03-01T12:05:00.000Z","member":{"name":"Ada"}}]}},
                      {"title":"Gala","startsAt":"2026-05-01T18:00:00.000Z","capacity":null,"pointsHistory":{"nodes":[]}}]}},
                  "pointsHistory":{
                    "totalCount":2,
                    "nodes":[
                      {"type":"EARN","delta":50,"balanceAfter":150,"at":"2026-03-01T12:00:00.000Z","reason":null},
                      {"type":"EARN","delta":100,"balanceAfter":100,"at":"2026-02-01T00:00:00.000Z","reason":"first purchase"}],
                    "pageInfo":{"hasNextPage":false,"endCursor":"\#(cursor)"}}}}}
                """#)
    }

    @Test func `a member without a tier and a stranger get nulls`() throws {
        try home.check(
            Self.memberHome, ["id": "mem_3"],
            gives:
                #"{"data":{"member":{"name":"Bo","tier":null,"pointsHistory":{"totalCount":0,"nodes":[],"pageInfo":{"hasNextPage":false,"endCursor":null}}}}}"#
        )
        try home.check(Self.memberHome, ["id": "mem_4"], gives: #"{"data":{"member":null}}"#)
    }

    @Test func `keys of several columns and filters across tables work`() throws {
        try home.check(
            """
            { tierByProgramAndCode(programId: "prg_1", code: "gold") { name rank }
              pointsAccountByMemberAndProgram(memberId: "mem_2", programId: "prg_1") { active entries { totalCount } }
              members(filter: { tier: { events: { some: { chapter: { parent: { code: { eq: "HQ" } } } } } },
                pointsHistory: { where: { event: { title: { contains: "酒" } } }, sum: { delta: { gt: 50 } } } }) { nodes { memberNo } }
              chapters(filter: { parent: { isNull: false } }, orderBy: [{ members: { count: DESC } }]) { nodes { code members { totalCount aggregate { max { joinedAt } } } } }
              tiers(orderBy: [{ events: { count: DESC } }, { rank: DESC }]) { nodes { code events { totalCount } } } }
            """,
            gives: #"""
                {"data":{
                  "tierByProgramAndCode":{"name":"金卡","rank":1},
                  "pointsAccountByMemberAndProgram":{"active":60,"entries":{"totalCount":1}},
                  "members":{"nodes":[{"memberNo":"M002"}]},
                  "chapters":{"nodes":[{"code":"SH","members":{"totalCount":3,"aggregate":{"max":{"joinedAt":"2025-03-01T00:00:00.000Z"}}}}]},
                  "tiers":{"nodes":[{"code":"gold","events":{"totalCount":3}},{"code":"basic","events":{"totalCount":0}}]}}}
                """#)
    }

    private static let rows = #"""
        {
          "Chapter": [
            {"id": "chp_1", "code": "HQ", "name": "总会", "level": "UMBRELLA",
             "timezone": "Asia/Shanghai", "currency": "CNY"},
            {"id": "chp_2", "code": "SH", "name": "上海", "level": "CHAPTER",
             "timezone": "Asia/Shanghai", "currency": "CNY", "parent": "chp_1"}
          ],
          "LoyaltyProgram": [
            {"id": "prg_1", "code": "main", "name": "Main", "isDefault": true, "active": true,
             "timezone": "Asia/Shanghai", "pendingDays": 0, "expiryPolicy": "NEVER",
             "rounding": "NONE", "returnPolicy": "WITHIN_BALANCE", "metric": "SPEND",
             "period": "LIFETIME", "tierValidityMonths": 12, "graceDays": 0,
             "downgradePolicy": "NONE"}
          ],
          "Tier": [
            {"id": "tier_1", "program": "prg_1", "code": "basic", "name": "普卡", "rank": 0,
             "threshold": 0, "multiplierBps": 10000, "benefits": [], "downgradable": false},
            {"id": "tier_2", "program": "prg_1", "code": "gold", "name": "金卡", "rank": 1,
             "threshold": 500, "multiplierBps": 15000, "downgradable": true,
             "benefits": [{"kind": "DISCOUNT", "name": "九折", "value": {"percent": 10}},
                          {"kind": "GIFT", "name": "生日礼"}]}
          ],
          "Member": [
            {"id": "mem_1", "memberNo": "M001", "kind": "INDIVIDUAL", "name": "王小明",
             "gender": "MALE", "status": "ACTIVE", "joinedAt": "2025-01-01T00:00:00Z",
             "homeChapter": "chp_2", "lifecycleStage": "ACTIVE", "tier": "tier_2"},
            {"id": "mem_2", "memberNo": "M002", "kind": "INDIVIDUAL", "name": "Ada",
             "gender": "FEMALE", "status": "ACTIVE", "joinedAt": "2025-02-01T00:00:00Z",
             "homeChapter": "chp_2", "lifecycleStage": "ACTIVE", "tier": "tier_2"},
            {"id": "mem_3", "memberNo": "M003", "kind": "INDIVIDUAL", "name": "Bo",
             "gender": "UNKNOWN", "status": "PROSPECT", "joinedAt": "2025-03-01T00:00:00Z",
             "homeChapter": "chp_2", "lifecycleStage": "REGISTERED"}
          ],
          "Event": [
            {"id": "evt_1", "title": "品酒会", "chapter": "chp_2", "status": "FINISHED",
             "startsAt": "2026-03-01T18:00:00+08:00", "endsAt": "2026-03-01T22:00:00+08:00",
             "capacity": 20, "seatsTaken": 2, "waitlistEnabled": false, "offerHours": 24,
             "requiresApproval": false, "allowReentry": false},
            {"id": "evt_2", "title": "Old times", "chapter": "chp_2", "status": "FINISHED",
             "startsAt": "2025-06-01T18:00:00Z", "endsAt": "2025-06-01T22:00:00Z",
             "seatsTaken": 0, "waitlistEnabled": false, "offerHours": 24,
             "requiresApproval": false, "allowReentry": false},
            {"id": "evt_3", "title": "Gala", "chapter": "chp_2", "status": "PUBLISHED",
             "startsAt": "2026-05-01T18:00:00Z", "endsAt": "2026-05-01T22:00:00Z",
             "seatsTaken": 0, "waitlistEnabled": true, "offerHours": 24,
             "requiresApproval": false, "allowReentry": false}
          ],
          "TierEvent": [
            {"id": "tev_1", "tier": "tier_2", "event": "evt_3"},
            {"id": "tev_2", "tier": "tier_2", "event": "evt_2"},
            {"id": "tev_3", "tier": "tier_2", "event": "evt_1"}
          ],
          "PointsAccount": [
            {"id": "acc_1", "member": "mem_1", "program": "prg_1", "active": 150, "pending": 0,
             "held": 0, "spendable": 150, "owed": 0, "lifetimeEarned": 150, "lifetimeSpent": 0,
             "lifetimeExpired": 0},
            {"id": "acc_2", "member": "mem_2", "program": "prg_1", "active": 60, "pending": 0,
             "held": 0, "spendable": 60, "owed": 0, "lifetimeEarned": 60, "lifetimeSpent": 0,
             "lifetimeExpired": 0}
          ],
          "PointsEntry": [
            {"id": "pts_1", "member": "mem_1", "account": "acc_1", "seq": 1, "type": "EARN",
             "delta": 100, "pendingDelta": 0, "balanceAfter": 100, "at": "2026-02-01T00:00:00Z",
             "recordedAt": "2026-02-01T00:00:00Z", "reason": "first purchase",
             "originMemberId": "mem_1"},
            {"id": "pts_2", "member": "mem_1", "account": "acc_1", "event": "evt_1", "seq": 2,
             "type": "EARN", "delta": 50, "pendingDelta": 0, "balanceAfter": 150,
             "at": "2026-03-01T12:00:00Z", "recordedAt": "2026-03-01T12:00:00Z",
             "originMemberId": "mem_1"},
            {"id": "pts_3", "member": "mem_2", "account": "acc_2", "event": "evt_1", "seq": 1,
             "type": "EARN", "delta": 60, "pendingDelta": 0, "balanceAfter": 60,
             "at": "2026-03-01T12:05:00Z", "recordedAt": "2026-03-01T12:05:00Z",
             "originMemberId": "mem_2"}
          ]
        }
        """#
}
