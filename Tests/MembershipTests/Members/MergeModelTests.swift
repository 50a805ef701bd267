import Bytes
import Foundation
import Testing

@testable import Membership

/// Merges of members with random histories, each undone at once: both must read as before.
struct MergeModelTests {
    private static let seeds: [UInt64] = [1, 8, 13, UInt64.random(in: 100...UInt64.max)]

    @Test(arguments: seeds)
    func `I5 whatever two members have, undoing a merge leaves no trace of it`(seed: UInt64) throws
    {
        var dice = SeededRandom(seed: seed)
        let club = try MergeClub()
        try prepare(club)
        for _ in 0..<30 { try act(club, &dice) }
        let before = try portraits(club)
        let (survivor, absorbed) =
            dice.number(in: 0...1) == 0
            ? (club.survivor, club.absorbed) : (club.absorbed, club.survivor)
        let answer = try club.fixture.value(
            """
            mutation { mergeMembers(input: { survivorId: "\(survivor)", absorbedId: "\(absorbed)" })
            { merge { id } userErrors { code message } } }
            """, at: "mergeMembers")
        let merge = ((answer as? [String: Any])?["merge"] as? [String: Any])?["id"] as? String
        let id = try #require(merge, "seed \(seed): \(answer)")
        try club.fixture.checkStore()
        #expect(try sums(club) == before.sums, "seed \(seed)")
        #expect(
            try club.fixture.codes("unmergeMembers", "mergeId: \"\(id)\"") == [], "seed \(seed)")
        let after = try portraits(club)
        #expect(after.survivor == before.survivor, "seed \(seed)")
        #expect(after.absorbed == before.absorbed, "seed \(seed)")
        #expect(after.consents == before.consents, "seed \(seed)")
        #expect(after.sums == before.sums, "seed \(seed)")
        try club.fixture.checkStore()
    }

    private struct Portraits {
        var survivor: String
        var absorbed: String
        var consents: [Consents]
        var sums: [String]
    }

    private func portraits(_ club: MergeClub) throws -> Portraits {
        Portraits(
            survivor: try club.portrait(club.survivor), absorbed: try club.portrait(club.absorbed),
            consents: try [club.survivor, club.absorbed].map { try effective(club, $0) },
            sums: try sums(club))
    }

    private func effective(_ club: MergeClub, _ member: String) throws -> Consents {
        Consents(
            try club.consents(member).map { line in
                let parts = line.split(separator: " ").map(String.init)
                return ConsentEntry(
                    channel: parts[0], purpose: ConsentPurpose(rawValue: parts[1]) ?? .service,
                    isGranted: parts[2] == "true")
            })
    }

    /// What the two have together, which no merge changes.
    private func sums(_ club: MergeClub) throws -> [String] {
        [
            try club.fixture.run(
                """
                { pointsAccounts { aggregate { sum { active pending owed } } }
                  memberships { totalCount } membershipTerms { totalCount }
                  memberIdentities { totalCount } memberTags { totalCount } }
                """)
        ]
    }

    private func prepare(_ club: MergeClub) throws {
        for title in ["A", "B"] {
            #expect(
                try club.fixture.codes(
                    "createEvent",
                    "title: \"\(title)\", chapterId: \"chp_1\", capacity: 1, waitlistEnabled: true, "
                        + "startsAt: \"2026-09-01T12:00:00Z\", endsAt: \"2026-09-01T14:00:00Z\"")
                    == [])
        }
        for event in ["evt_1", "evt_2"] {
            #expect(try club.fixture.codes("publishEvent", "id: \"\(event)\"") == [])
        }
    }

    /// One random mutation; some are refused, which is part of the history too.
    private func act(_ club: MergeClub, _ dice: inout SeededRandom) throws {
        let member = dice.number(in: 0...1) == 0 ? club.survivor : club.absorbed
        let owner = "memberId: \"\(member)\""
        let number = dice.number(in: 0...3)
        club.fixture.advance(seconds: Int64(dice.number(in: 0...199_999)))
        func run(_ mutation: String, _ input: String) throws {
            _ = try club.fixture.codes(mutation, input)
        }
        switch dice.number(in: 0...10) {
        case 0:
            try run(
                "addMemberIdentity",
                owner + ", source: APP, identity: { kind: \(["EMAIL", "CARD_NO"][number % 2]), "
                    + "value: \"x\(dice.number(in: 0...8))@example.org\" }")
        case 1:
            try run(
                "assignTags",
                "memberIds: [\"\(member)\"], tagKeys: [\"t\(number)\"], create: true")
        case 2:
            try run(
                "earnPoints",
                owner
                    + ", programId: \"\(club.points.program)\", points: \(1 + dice.number(in: 0...699))"
            )
        case 3:
            try run(
                "redeemPoints",
                owner
                    + ", programId: \"\(club.points.program)\", points: \(1 + dice.number(in: 0...98)), "
                    + "reason: \"r\"")
        case 4:
            func money(_ minor: Int) -> String { "{ amountMinor: \(minor), currency: \"NOK\" }" }
            let (own, bonus) = (money(dice.number(in: 1...900)), money(dice.number(in: 1...90)))
            let reference = "p\(dice.number(in: 0...9999))"
            try run(
                "topUpWallet",
                "\(owner), amount: \(own), bonus: \(bonus), paymentRef: \"\(reference)\"")
        case 5:
            try run(
                "applyMembership", owner + ", typeCode: \"\(["YEAR", "EXTRA"][number % 2])\"")
        case 6: try run("renewMembership", "id: \"mbs_\(1 + number)\"")
        case 7:
            try run(
                "cancelMembership", "id: \"mbs_\(1 + number)\", mode: IMMEDIATE, reason: \"r\"")
        case 8: try run("registerForEvent", owner + ", eventId: \"evt_\(1 + number % 2)\"")
        case 9:
            try run(
                "setConsent",
                owner + ", channel: \(["EMAIL", "SMS"][number % 2]), purpose: MARKETING, "
                    + "granted: \(dice.number(in: 0...2) > 0), source: WEB, evidence: \"e\"")
        default:
            let now = club.fixture.now / 1000
            let at = ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(now)))
            try run("recordActivity", owner + ", type: LOGIN, at: \"\(at)\"")
        }
    }
}
