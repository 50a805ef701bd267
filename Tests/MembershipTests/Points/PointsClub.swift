import Foundation
import Testing

@testable import Membership

/// A club with one chapter, a program of three tiers and two members, for tests of points.
struct PointsClub {
    let fixture: ClubFixture
    let chapter: String
    let program: String
    /// Of the ranks 0, 1 and 2: from 0, 100 and 1000 points on.
    let tiers: [String]
    let member: String
    let other: String

    /// - Parameters:
    ///   - program: further fields of the program's input.
    ///   - hasTiers: whether it has any.
    init(
        now: String = "2026-06-30T12:00:00Z", program fields: String = "", hasTiers: Bool = true
    ) throws {
        fixture = try ClubFixture(now: now)
        chapter = try fixture.text(
            """
            mutation { createChapter(input: {code: "OSL", name: "Oslo", level: CHAPTER,
                timezone: "Europe/Oslo", currency: "NOK"}) { chapter { id } userErrors { message } } }
            """, at: "createChapter.chapter.id")
        let metric = fields.contains("metric:") ? "" : "metric: QUALIFYING_POINTS,"
        program = try fixture.text(
            """
            mutation { createLoyaltyProgram(input: {code: "CLUB", name: "Club", isDefault: true,
                timezone: "Europe/Oslo", \(metric) period: CALENDAR_YEAR \(fields)}) {
                loyaltyProgram { id } userErrors { message } } }
            """, at: "createLoyaltyProgram.loyaltyProgram.id")
        var tiers: [String] = []
        if hasTiers {
            for (rank, code, threshold) in [(0, "BASIC", 0), (1, "SILVER", 100), (2, "GOLD", 1000)] {
                tiers.append(
                    try fixture.text(
                        """
                        mutation { createTier(input: {programId: "\(program)", code: "\(code)",
                            name: "\(code)", rank: \(rank), threshold: \(threshold),
                            multiplierBps: \(10_000 + rank * 5_000), benefits: []}) {
                            tier { id } userErrors { message } } }
                        """, at: "createTier.tier.id"))
            }
        }
        self.tiers = tiers
        var members: [String] = []
        for number in ["1001", "1002"] {
            members.append(try Self.enroll(number, chapter, fixture))
        }
        (member, other) = (members[0], members[1])
    }

    static func enroll(_ number: String, _ chapter: String, _ fixture: ClubFixture) throws
        -> String
    {
        try fixture.text(
            """
            mutation { enrollMember(input: {member: {memberNo: "\(number)", name: "N \(number)"},
                chapterId: "\(chapter)", source: STORE}) {
                member { id } userErrors { message } } }
            """, at: "enrollMember.member.id")
    }

    func check(
        _ document: String, gives expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try fixture.check(document, gives: expected, sourceLocation: sourceLocation)
    }

    func checkStore() throws { try fixture.checkStore() }
}
