import Engine
import Store

/// Writes the sample club into a store, table by table, each after those it refers to.
struct SampleRows {
    private let model: Model
    private let store: Store
    private let loader: BulkLoader
    private var random = SampleRandom(seed: 0x20_26_06_30)

    private var chapters: [RowRef] = []
    private var program = RowRef.none
    private var tiers: [RowRef] = []
    private var types: [RowRef] = []
    private var events: [RowRef] = []

    init(_ model: Model, _ store: Store, _ loader: BulkLoader) {
        self.model = model
        self.store = store
        self.loader = loader
    }

    private func writer(_ table: String) throws(RowWriter.Fault) -> RowWriter {
        try RowWriter(table, model, store, loader, now: SampleClub.now)
    }

    /// When the club was founded, for rows that have been there from the beginning.
    private static let founded = SampleDay(year: 2022, month: 11, day: 7).number * dayMilliseconds

    // MARK: The organisation

    mutating func write(
        _ organisation: SampleOrganisation, _ people: SamplePeople
    ) throws(RowWriter.Fault) {
        try writeChapters(organisation)
        try writeProgram(organisation)
        try writeMembershipTypes(organisation)
        try writeEvents(organisation, people.seatsTaken)
    }

    private mutating func writeChapters(
        _ organisation: SampleOrganisation
    ) throws(RowWriter.Fault) {
        let rows = try writer("Chapter")
        for chapter in organisation.chapters {
            rows.set("createdAt", SampleRows.founded)
            rows.set("updatedAt", SampleRows.founded)
            rows.set("code", chapter.code)
            rows.set("name", chapter.name)
            rows.set("level", chapter.level)
            rows.set("timezone", chapter.timezone)
            rows.set("currency", chapter.currency)
            if let parent = chapter.parent { rows.set("parent", chapters[parent]) }
            chapters.append(try rows.append())
        }
    }

    private mutating func writeProgram(
        _ organisation: SampleOrganisation
    ) throws(RowWriter.Fault) {
        let programs = try writer("LoyaltyProgram")
        programs.set("createdAt", SampleRows.founded)
        programs.set("updatedAt", SampleRows.founded)
        programs.set("code", "CLUB")
        programs.set("name", "Club points")
        programs.set("isDefault", 1)
        programs.set("timezone", "Europe/Berlin")
        programs.set("unitCost", money(1, "EUR"))
        programs.set("expectedRedemptionRate", "0.8")
        programs.set("metric", "QUALIFYING_POINTS")
        programs.set("period", "LIFETIME")
        program = try programs.append()

        let rows = try writer("Tier")
        for (rank, tier) in organisation.tiers.enumerated() {
            rows.set("createdAt", SampleRows.founded)
            rows.set("updatedAt", SampleRows.founded)
            rows.set("program", program)
            rows.set("code", tier.code)
            rows.set("name", tier.name)
            rows.set("rank", Int64(rank))
            rows.set("threshold", tier.threshold)
            rows.set("multiplierBps", Int64(tier.multiplierBps))
            rows.set("benefits", tier.benefits)
            tiers.append(try rows.append())
        }
    }

    private mutating func writeMembershipTypes(
        _ organisation: SampleOrganisation
    ) throws(RowWriter.Fault) {
        let rows = try writer("MembershipType")
        for type in organisation.membershipTypes {
            rows.set("createdAt", SampleRows.founded)
            rows.set("updatedAt", SampleRows.founded)
            rows.set("code", type.code)
            rows.set("name", type.name)
            rows.set("chapter", chapters[0])
            rows.set("fee", money(type.feeMinor, "EUR"))
            rows.set("durationUnit", type.years == nil ? "LIFETIME" : "YEAR")
            rows.set("newDays", type.newDays)
            rows.set("graceDays", type.graceDays)
            rows.set("autoRenew", type.years == nil ? 0 : 1)
            if let count = type.maxInherited { rows.set("maxInherited", Int64(count)) }
            types.append(try rows.append())
        }
    }

    private mutating func writeEvents(
        _ organisation: SampleOrganisation, _ seatsTaken: [Int]
    ) throws(RowWriter.Fault) {
        let rows = try writer("Event")
        let links = try writer("TierEvent")
        for (place, event) in organisation.events.enumerated() {
            let made = min(event.startsAt, SampleClub.now) - 60 * dayMilliseconds
            rows.set("createdAt", made)
            rows.set("updatedAt", made)
            rows.set("title", event.title)
            rows.set("theme", event.theme)
            rows.set("chapter", chapters[event.chapter])
            rows.set("status", event.status)
            rows.set("startsAt", event.startsAt)
            rows.set("endsAt", event.endsAt)
            rows.set("venue", event.venue)
            if let tier = event.minTier { rows.set("minTier", tiers[tier]) }
            if let fee = event.feeMinor {
                let currency = organisation.chapters[event.chapter].currency
                rows.set("fee", money(fee, currency))
                rows.set("memberFee", money(fee / 2, currency))
            }
            if let capacity = event.capacity { rows.set("capacity", Int64(capacity)) }
            rows.set("seatsTaken", Int64(seatsTaken[place]))
            rows.set("waitlistEnabled", event.waitlistEnabled ? 1 : 0)
            rows.set("requiresApproval", event.requiresApproval ? 1 : 0)
            rows.set("cancelUntil", event.startsAt - dayMilliseconds)
            let ref = try rows.append()
            events.append(ref)
            for tier in (event.minTier ?? 0)..<tiers.count {
                links.set("createdAt", made)
                links.set("updatedAt", made)
                links.set("tier", tiers[tier])
                links.set("event", ref)
                _ = try links.append()
            }
        }
    }

    private func money(_ amountMinor: Int64, _ currency: String) -> String {
        #"{"amountMinor":\#(amountMinor),"currency":"\#(currency)"}"#
    }

    // MARK: The people

    mutating func write(
        _ people: SamplePeople, in organisation: SampleOrganisation
    ) throws(RowWriter.Fault) {
        var members: [RowRef] = []
        let rows = try writer("Member")
        for (place, member) in people.members.enumerated() {
            rows.set("createdAt", member.joinedAt)
            rows.set("updatedAt", member.lastActiveAt)
            rows.set("memberNo", "M\(100_001 + place)")
            rows.set("kind", member.isOrganisation ? "ORGANIZATION" : "INDIVIDUAL")
            rows.set("name", member.name.text)
            rows.set("gender", member.gender)
            if let birthday = member.birthday { rows.set("birthday", birthday) }
            rows.set("status", member.isSuspended ? "SUSPENDED" : "ACTIVE")
            rows.set("joinedAt", member.joinedAt)
            rows.set("homeChapter", chapters[member.homeChapter])
            rows.set("preferences", #"{"language":"\#(member.name.language)","newsletter":true}"#)
            rows.set("lifecycleStage", stage(member))
            rows.set("lastActiveAt", member.lastActiveAt)
            rows.set("tier", tiers[member.tier])
            members.append(try rows.append())
        }
        try writeIdentities(people, members)
        try writeAssignments(people, members)
        let accounts = try writeAccounts(people, members)
        try writeEntries(people, members, accounts)
        try writeRegistrations(people, members, organisation)
        try writeMemberships(people, members, organisation)
    }

    private func stage(_ member: SamplePeople.Member) -> String {
        let days = (SampleClub.now - member.lastActiveAt) / dayMilliseconds
        return days <= 90 ? "ACTIVE" : days <= 365 ? "DORMANT" : "CHURNED"
    }

    private mutating func writeIdentities(
        _ people: SamplePeople, _ members: [RowRef]
    ) throws(RowWriter.Fault) {
        let rows = try writer("MemberIdentity")
        func add(
            _ place: Int, _ kind: String, _ value: String, _ normalized: String, _ source: String,
            isVerified: Bool
        ) throws(RowWriter.Fault) {
            let joinedAt = people.members[place].joinedAt
            rows.set("createdAt", joinedAt)
            rows.set("updatedAt", joinedAt)
            rows.set("member", members[place])
            rows.set("kind", kind)
            rows.set("value", value)
            rows.set("normalized", normalized)
            rows.set("source", source)
            if isVerified { rows.set("verifiedAt", joinedAt + 300_000) }
            rows.set("primary", 1)
            _ = try rows.append()
        }
        for (place, member) in people.members.enumerated() {
            let number = 100_001 + place
            let address = "\(member.name.latin).\(number)@example.org"
            let isCapital = random.chance(percent: 10)
            try add(
                place, "EMAIL", isCapital ? address.uppercased() : address, address,
                random.pick(["WEB", "APP", "STORE"]), isVerified: random.chance(percent: 80))
            if random.chance(percent: 70) {
                let digits = "\(number)"
                try add(
                    place, "PHONE", "+1 555 \(digits.prefix(3)) \(digits.suffix(3))",
                    "+1555\(digits)",
                    random.pick(["APP", "STORE", "PHONE"]), isVerified: random.chance(percent: 60))
            }
            if member.name.language == "zh", random.chance(percent: 75) {
                try add(
                    place, "WECHAT_UNIONID", "o6_\(number)bmjrPTlm6_2sgVt7hMZO",
                    "o6_\(number)bmjrPTlm6_2sgVt7hMZO", "MINI_PROGRAM", isVerified: true)
            }
            if random.chance(percent: 20) {
                try add(
                    place, "CARD_NO", "7 \(number)", "7\(number)", "STORE", isVerified: true)
            }
        }
    }

    private func writeAssignments(
        _ people: SamplePeople, _ members: [RowRef]
    ) throws(RowWriter.Fault) {
        let rows = try writer("TierAssignment")
        var last = [Int?](repeating: nil, count: members.count)
        for assignment in people.assignments {
            let previous = last[assignment.member]
            last[assignment.member] = assignment.tier
            rows.set("createdAt", assignment.from)
            rows.set("updatedAt", assignment.to ?? assignment.from)
            rows.set("member", members[assignment.member])
            rows.set("program", program)
            rows.set("tier", tiers[assignment.tier])
            if let previous { rows.set("previousTier", tiers[previous]) }
            rows.set("reason", previous == nil ? "ENROLLED" : "UPGRADED")
            rows.set("effectiveFrom", assignment.from)
            if let end = assignment.to { rows.set("effectiveTo", end) }
            _ = try rows.append()
        }
    }

    private func writeAccounts(
        _ people: SamplePeople, _ members: [RowRef]
    ) throws(RowWriter.Fault) -> [RowRef] {
        let rows = try writer("PointsAccount")
        var accounts: [RowRef] = []
        for (place, member) in people.members.enumerated() {
            rows.set("createdAt", member.joinedAt)
            rows.set("updatedAt", member.lastActiveAt)
            rows.set("member", members[place])
            rows.set("program", program)
            rows.set("active", member.account.active)
            rows.set("spendable", member.account.active)
            rows.set("lifetimeEarned", member.account.earned)
            rows.set("lifetimeSpent", member.account.spent)
            accounts.append(try rows.append())
        }
        return accounts
    }

    private func writeEntries(
        _ people: SamplePeople, _ members: [RowRef], _ accounts: [RowRef]
    ) throws(RowWriter.Fault) {
        let rows = try writer("PointsEntry")
        // Redemptions, which later entries take back: few enough to remember.
        var redemptions: [Int: RowRef] = [:]
        let key = { (member: Int, seq: Int64) in member << 16 | Int(seq) }
        for entry in people.entries {
            rows.set("createdAt", entry.at)
            rows.set("updatedAt", entry.at)
            rows.set("member", members[entry.member])
            rows.set("account", accounts[entry.member])
            if let event = entry.event { rows.set("event", events[event]) }
            rows.set("seq", entry.seq)
            rows.set("type", entry.type)
            rows.set("delta", entry.delta)
            rows.set("balanceAfter", entry.balanceAfter)
            rows.set("at", entry.at)
            rows.set("recordedAt", entry.at)
            if let seq = entry.reverses, let row = redemptions[key(entry.member, seq)] {
                rows.set("reverses", row)
            }
            rows.set("reason", entry.reason)
            rows.set("originMemberId", "mem_\(entry.member + 1)")
            let ref = try rows.append()
            if entry.type == "REDEEM" { redemptions[key(entry.member, entry.seq)] = ref }
        }
    }

    private func writeRegistrations(
        _ people: SamplePeople, _ members: [RowRef], _ organisation: SampleOrganisation
    ) throws(RowWriter.Fault) {
        let rows = try writer("EventRegistration")
        for (place, registration) in people.registrations.enumerated() {
            let event = organisation.events[registration.event]
            rows.set("createdAt", registration.registeredAt)
            rows.set("updatedAt", registration.registeredAt)
            rows.set("event", events[registration.event])
            rows.set("member", members[registration.member])
            rows.set("status", registration.status)
            rows.set("seats", Int64(registration.seats))
            rows.set("ticketCode", ticketCode(place))
            rows.set("registeredAt", registration.registeredAt)
            if let fee = event.feeMinor {
                let currency = organisation.chapters[event.chapter].currency
                rows.set("fee", money(fee / 2 * Int64(registration.seats), currency))
            }
            _ = try rows.append()
        }
    }

    /// Eight letters and digits that nobody reads as others, different for each number below 2³².
    private func ticketCode(_ number: Int) -> String {
        let letters = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZ")
        // An odd factor only reorders the numbers below 2³².
        var rest = UInt32(truncatingIfNeeded: number &* 2_654_435_761 &+ 12_345)
        var code = "T"
        for _ in 0..<7 {
            code.append(letters[Int(rest & 31)])
            rest &>>= 5
        }
        return code
    }

    // MARK: Memberships

    /// A family's membership that others may share.
    private struct Shared {
        let row: RowRef
        /// The day after the last.
        let ends: SampleDay
        var free: Int
    }

    private mutating func writeMemberships(
        _ people: SamplePeople, _ members: [RowRef], _ organisation: SampleOrganisation
    ) throws(RowWriter.Fault) {
        let rows = try writer("Membership")
        var families: [Shared] = []
        for (place, member) in people.members.enumerated() {
            guard random.chance(percent: 88) else { continue }
            let fate = random.number(below: 100)
            let type = member.isOrganisation ? 3 : fate < 66 ? 0 : fate < 80 ? 1 : fate < 96 ? 2 : 4
            let details = organisation.membershipTypes[type]
            // The term ends the day before the same day of a later year.
            var years = 1
            while member.joined.adding(years: years).number <= SampleRows.today { years += 1 }
            if years > 1 && random.chance(percent: 22) { years = random.number(in: 1...years - 1) }
            var ends = member.joined.adding(years: years)
            var inherited: RowRef?
            if type == 2, !families.isEmpty, random.chance(percent: 40) {
                let family = random.number(below: families.count)
                if families[family].free > 0,
                    families[family].ends.number > member.joined.number
                {
                    families[family].free -= 1
                    inherited = families[family].row
                    ends = families[family].ends
                }
            }
            rows.set("createdAt", member.joinedAt)
            rows.set("updatedAt", member.joinedAt)
            rows.set("member", members[place])
            rows.set("type", types[type])
            rows.set("status", status(details, joined: member.joined, ends: ends))
            rows.set("joinDate", member.joined.number)
            rows.set("startDate", member.joined.number)
            if details.years != nil { rows.set("endDate", ends.number - 1) }
            rows.set("autoRenew", details.years == nil ? 0 : 1)
            if let inherited { rows.set("inheritedFrom", inherited) }
            let ref = try rows.append()
            if type == 2 && inherited == nil {
                families.append(
                    Shared(row: ref, ends: ends, free: details.maxInherited ?? 0))
            }
        }
    }

    private static let today = SampleClub.now / dayMilliseconds

    /// What follows from the dates alone. `ends` is the day after the last.
    private func status(
        _ type: SampleOrganisation.MembershipType, joined: SampleDay, ends: SampleDay
    ) -> String {
        if type.years != nil && ends.number <= SampleRows.today {
            return ends.number + type.graceDays > SampleRows.today ? "GRACE" : "EXPIRED"
        }
        return SampleRows.today - joined.number < type.newDays ? "NEW" : "CURRENT"
    }
}
