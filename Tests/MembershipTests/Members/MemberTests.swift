import Bytes
import Testing

@testable import Membership

struct MemberTests {
    @Test func `duplicates are scored by weighted fields, the same from both sides`() {
        let ada = DuplicateProfile(
            name: "Ada  Lovelace", birthday: 100, homeChapter: 1,
            identities: [.phone: ["+4791234567"], .email: ["ada@example.org"]])
        var other = DuplicateProfile(
            name: "ada lovelace", birthday: 100, homeChapter: 2,
            identities: [.phone: ["+4691234567"], .email: ["ada@example.net", "x@example.org"]])
        let rules = DuplicateRules.standard
        let expected = DuplicateScore(
            score: 210, matched: [.name, .birthday, .phone, .emailName], conflicts: [.homeChapter])
        #expect(rules.score(ada, other) == expected)
        #expect(rules.score(other, ada) == expected)
        other.birthday = nil
        other.identities = [:]
        #expect(
            rules.score(ada, other)
                == DuplicateScore(score: 50, matched: [.name], conflicts: [.homeChapter]))
        other = ada
        other.isOrganization = true
        #expect(rules.score(ada, other) == DuplicateScore(score: 0, matched: [], conflicts: []))
    }

    @Test func `a rule may compare the beginning or the end alone`() {
        let rules = DuplicateRules(
            rules: [
                DuplicateRule(field: .name, extent: .prefix(3), weight: 7),
                DuplicateRule(field: .phone, extent: .suffix(4), weight: .max),
                DuplicateRule(field: .gender, extent: .prefix(-1), weight: 1),
            ], threshold: 7)
        let first = DuplicateProfile(
            name: "Katrine", gender: "F", identities: [.phone: ["+4711110001"]])
        let second = DuplicateProfile(
            name: "Kate", gender: "M", identities: [.phone: ["+4722220001"]])
        #expect(
            rules.score(first, second)
                == DuplicateScore(score: .max, matched: [.name, .phone, .gender], conflicts: []))
    }

    private func refusal(
        _ survivor: MergeMember, _ absorbed: MergeMember
    ) -> MergeRefusal? {
        do throws(MergeRefusal) {
            _ = try MergeDecision(survivor, absorbed)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the survivor wins unless told otherwise or empty`() throws {
        let survivor = MergeMember(
            key: 1, filled: [.name, .birthday], joinedAt: 500, lastActiveAt: 600)
        let absorbed = MergeMember(
            key: 2, filled: [.name, .birthday, .gender], joinedAt: 400, lastActiveAt: 550)
        let merge = try MergeDecision(survivor, absorbed, choices: [.birthday: .absorbed])
        #expect(
            merge.sources == [
                .name: .survivor, .birthday: .absorbed, .gender: .absorbed,
                .homeChapter: .survivor, .preferences: .survivor, .attributes: .survivor,
            ])
        #expect(merge.joinedAt == 400)
        #expect(merge.lastActiveAt == 600)
    }

    @Test func `what cannot be merged says why`() {
        let first = MergeMember(key: 1)
        var second = MergeMember(key: 2)
        #expect(refusal(first, first) == .itself)
        #expect(refusal(first, second) == nil)
        second.isOrganization = true
        #expect(refusal(first, second) == .otherKind)
        second.isOrganization = false
        second.openHolds = 2
        #expect(refusal(first, second) == .openHolds(member: 2, count: 2))
        #expect(refusal(second, first) == .openHolds(member: 2, count: 2))
        second.openHolds = 0
        second.openOrders = 1
        #expect(refusal(first, second) == .openOrders(member: 2, count: 1))
        second.standing = MemberStanding(status: .merged, mergedInto: 3)
        #expect(refusal(first, second) == .member(2, .merged(into: 3)))
        #expect(refusal(first, second)?.code == .memberMerged)
        second.standing = MemberStanding(status: .erased)
        #expect(refusal(first, second)?.code == .memberErased)
        second.standing = MemberStanding(status: .suspended)
        second.openOrders = 0
        #expect(refusal(first, second) == nil)
    }

    @Test func `I4 merges are followed to the end and a ring is left`() {
        let chain: [Int64: Int64] = [1: 2, 2: 3]
        #expect(MergeDecision.survivor(of: 1) { chain[$0] } == 3)
        #expect(MergeDecision.survivor(of: 3) { chain[$0] } == 3)
        let ring: [Int64: Int64] = [1: 2, 2: 1]
        #expect(MergeDecision.survivor(of: 1) { ring[$0] } == 1)
    }

    @Test func `identities of two members are never picked from in silence`() throws {
        #expect(try MergeDecision.owner(of: [nil, nil]) == nil)
        #expect(try MergeDecision.owner(of: [nil, 4, 4]) == 4)
        #expect(throws: MergeRefusal.severalMembers([4, 9])) {
            try MergeDecision.owner(of: [9, nil, 4])
        }
    }

    @Test func `I3 a merged or erased member accepts nothing, a suspended one takes no part`() {
        func code(_ standing: MemberStanding, _ act: MemberAct) -> RuleCode? {
            do throws(MemberRefusal) {
                try standing.check(act)
                return nil
            } catch {
                return error.code
            }
        }
        let table: [(MemberStatus, RuleCode?, RuleCode?)] = [
            (.prospect, nil, nil), (.active, nil, nil), (.suspended, nil, .memberSuspended),
            (.merged, .memberMerged, .memberMerged), (.erased, .memberErased, .memberErased),
        ]
        #expect(table.map(\.0) == MemberStatus.allCases)
        for (status, edit, part) in table {
            let standing = MemberStanding(status: status)
            #expect(code(standing, .edit) == edit)
            #expect(code(standing, .takePart) == part)
        }
    }

    @Test func `a member is suspended, reinstated and erased with a reason`() throws {
        let active = MemberStanding(status: .active)
        let suspended = try active.suspended(reason: "chargeback")
        #expect(try suspended.reinstated() == active)
        #expect(throws: MemberRefusal.transition(from: .suspended)) {
            try suspended.suspended(reason: "again")
        }
        #expect(throws: MemberRefusal.transition(from: .active)) { try active.reinstated() }
        #expect(throws: MemberRefusal.reasonMissing) { try active.suspended(reason: " ") }
        #expect(throws: MemberRefusal.principalLeft(5)) {
            try active.erased(reason: "asked", principalMinor: 5)
        }
        let erased = try suspended.erased(reason: "asked", principalMinor: 0)
        #expect(erased.status == .erased)
        #expect(throws: MemberRefusal.erased) {
            try erased.erased(reason: "asked", principalMinor: 0)
        }
    }

    @Test func `I7 the latest consent counts, and marketing is not granted by default`() {
        let consents = Consents([
            ConsentEntry(channel: "SMS", purpose: .marketing, isGranted: true),
            ConsentEntry(channel: "EMAIL", purpose: .marketing, isGranted: true),
            ConsentEntry(channel: "SMS", purpose: .marketing, isGranted: false),
        ])
        #expect(!consents.isGranted("SMS", .marketing))
        #expect(consents.isGranted("EMAIL", .marketing))
        #expect(!consents.isGranted("PUSH", .marketing))
        #expect(!consents.isGranted("PUSH", .profiling))
        #expect(consents.isGranted("PUSH", .service))
    }

    @Test func `I8 service asks for service alone`() {
        let consents = Consents([
            ConsentEntry(channel: "SMS", purpose: .marketing, isGranted: false)
        ])
        #expect(consents.isGranted("SMS", .service))
    }

    @Test func `granting marketing needs evidence`() throws {
        let grant = ConsentEntry(channel: "SMS", purpose: .marketing, isGranted: true)
        #expect(throws: ConsentRefusal.evidenceMissing) {
            try Consents.check(grant, evidence: "  ")
        }
        #expect(throws: ConsentRefusal.evidenceMissing) { try Consents.check(grant, evidence: nil) }
        try Consents.check(grant, evidence: "ticked on the form of 3 May")
        var withdrawal = grant
        withdrawal.isGranted = false
        try Consents.check(withdrawal, evidence: nil)
    }

    @Test func `after a merge only what both granted is granted`() {
        let seed: UInt64 = 0xC0
        var random = SeededRandom(seed: seed)
        let channels = ["EMAIL", "PUSH", "SMS"]
        func log() -> [ConsentEntry] {
            (0..<random.number(in: 0...6)).map { _ in
                ConsentEntry(
                    channel: random.pick(channels), purpose: random.pick(ConsentPurpose.allCases),
                    isGranted: random.chance(percent: 50))
            }
        }
        for round in 0..<500 {
            let (own, other) = (log(), log())
            let lines = Consents(own).restricted(by: Consents(other))
            let merged = Consents(own + lines)
            for channel in channels {
                for purpose in ConsentPurpose.allCases {
                    #expect(
                        merged.isGranted(channel, purpose)
                            == (Consents(own).isGranted(channel, purpose)
                                && Consents(other).isGranted(channel, purpose)),
                        "seed \(seed), round \(round)")
                }
            }
        }
    }
}
