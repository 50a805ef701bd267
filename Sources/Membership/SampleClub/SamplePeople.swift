/// Members of the sample club and all that belongs to them.
struct SamplePeople {
    struct Member {
        let name: SampleName
        let isOrganisation: Bool
        let gender: String
        let birthday: Int64?
        let joined: SampleDay
        let joinedAt: Int64
        let homeChapter: Int
        let isSuspended: Bool
        var tier = 0
        var lastActiveAt: Int64
        var account = Account()
        /// How many of the entries are the member's.
        var entryCount: Int
    }

    /// Totals of a ledger.
    struct Account {
        var active: Int64 = 0
        var earned: Int64 = 0
        var spent: Int64 = 0
    }

    struct Entry {
        let member: Int
        /// From 1, in the member's account.
        let seq: Int64
        let type: String
        let delta: Int64
        let balanceAfter: Int64
        let at: Int64
        let reason: String
        let event: Int?
        /// The number, in the same account, of the entry that this one takes back.
        let reverses: Int64?
    }

    struct Registration {
        let event: Int
        let member: Int
        let status: String
        let seats: Int
        let registeredAt: Int64
    }

    struct Assignment {
        let member: Int
        let tier: Int
        let from: Int64
        var to: Int64?
    }

    /// By `joinedAt`.
    private(set) var members: [Member] = []
    /// By `at`.
    private(set) var entries: [Entry] = []
    /// By `registeredAt`.
    private(set) var registrations: [Registration] = []
    /// By `from`; those of a member one after the other without a gap.
    private(set) var assignments: [Assignment] = []
    /// Seats that registrations hold, by event.
    private(set) var seatsTaken: [Int]

    private let organisation: SampleOrganisation
    private var random = SampleRandom(seed: 0xC1_0B)
    /// Events of the present member.
    private var ownEvents: Set<Int> = []

    init(_ organisation: SampleOrganisation, memberCount: Int, entryCount: Int) {
        self.organisation = organisation
        seatsTaken = Array(repeating: 0, count: organisation.events.count)
        makeMembers(memberCount)
        shareOut(entryCount)
        entries.reserveCapacity(entryCount)
        for member in members.indices {
            ownEvents.removeAll(keepingCapacity: true)
            makeHistory(member)
            makeUnattended(member)
            makeUpcoming(member)
        }
        entries.sort { ($0.at, $0.member, $0.seq) < ($1.at, $1.member, $1.seq) }
        registrations.sort {
            ($0.registeredAt, $0.member, $0.event) < ($1.registeredAt, $1.member, $1.event)
        }
        assignments.sort { ($0.from, $0.member, $0.tier) < ($1.from, $1.member, $1.tier) }
    }

    // MARK: Members

    private mutating func makeMembers(_ count: Int) {
        var joins = (0..<count).map { _ in
            // 2023-01 to 2026-05.
            let month = random.number(below: 41)
            let day = SampleDay(
                year: 2023 + month / 12, month: month % 12 + 1, day: random.number(in: 2...28))
            let time = random.time(from: 0, to: dayMilliseconds - 1)
            return (day: day, at: day.number * dayMilliseconds + time)
        }
        joins.sort { $0.at < $1.at }
        for (day, joinedAt) in joins {
            let isOrganisation = random.chance(percent: 3)
            let name =
                isOrganisation
                ? SampleNames.organisation(&random) : SampleNames.person(&random)
            members.append(
                Member(
                    name: name, isOrganisation: isOrganisation,
                    gender: isOrganisation || random.chance(percent: 30)
                        ? "UNKNOWN" : random.pick(["FEMALE", "MALE", "FEMALE", "MALE", "OTHER"]),
                    birthday: isOrganisation || random.chance(percent: 25)
                        ? nil
                        : SampleDay(
                            year: random.number(in: 1945...2006), month: random.number(in: 1...12),
                            day: random.number(in: 2...28)
                        ).number,
                    joined: day, joinedAt: joinedAt, homeChapter: home(name.language),
                    isSuspended: random.chance(percent: 4), lastActiveAt: joinedAt, entryCount: 0))
        }
    }

    /// Most people live where their language is spoken.
    private mutating func home(_ language: String) -> Int {
        let currency = ["zh": "CNY", "ja": "JPY", "de": "EUR", "el": "EUR", "pt": "BRL"][language]
        let near = organisation.localChapters.filter {
            organisation.chapters[$0].currency == currency
        }
        return random.pick(
            near.isEmpty || random.chance(percent: 20) ? organisation.localChapters : near)
    }

    /// Gives every member at least three entries, and all together `count`.
    private mutating func shareOut(_ count: Int) {
        var rest = count
        for member in members.indices {
            members[member].entryCount = random.number(in: 3...57)
            rest -= members[member].entryCount
        }
        var member = 0
        while rest != 0 {
            let step = rest > 0 ? 1 : -1
            if members[member].entryCount + step >= 3 {
                members[member].entryCount += step
                rest -= step
            }
            member = (member + 1) % members.count
        }
    }

    // MARK: Points, tiers and events attended

    /// The member's ledger from the first entry to the last, and the tiers that follow from it.
    private mutating func makeHistory(_ member: Int) {
        let joinedAt = members[member].joinedAt
        assignments.append(Assignment(member: member, tier: 0, from: joinedAt))
        var open = assignments.count - 1
        var ledger = SampleLedger(member: member)
        let times = entryTimes(member)
        for (index, time) in times.enumerated() {
            let next = index + 1 < times.count ? times[index + 1] : SampleClub.now
            let tier = assignments[open].tier
            if let event = attend(member, tier: tier, from: time, until: next) {
                let start = organisation.events[event].startsAt
                ledger.earn(multiplied(50, tier), at: start, "check-in", event: event)
            } else {
                move(&ledger, at: time, tier)
            }
            let reached = organisation.tier(earned: ledger.account.earned)
            if reached > tier {
                let at = ledger.entries.last?.at ?? time
                assignments[open].to = at
                assignments.append(Assignment(member: member, tier: reached, from: at))
                open = assignments.count - 1
            }
        }
        members[member].tier = assignments[open].tier
        members[member].account = ledger.account
        members[member].lastActiveAt = ledger.entries.last?.at ?? joinedAt
        entries += ledger.entries
    }

    /// One moment for each entry, in order, an hour or more apart.
    private mutating func entryTimes(_ member: Int) -> [Int64] {
        let start = members[member].joinedAt
        let fate = random.number(below: 100)
        let idleDays = fate < 70 ? 0 : fate < 88 ? random.number(in: 60...300) : 400
        let end = max(
            start + 20 * dayMilliseconds, SampleClub.now - Int64(idleDays) * dayMilliseconds)
        let limit = min(end, SampleClub.now - 3_600_000)
        let hours = Int((limit - start) / 3_600_000)
        var taken: Set<Int> = []
        while taken.count < members[member].entryCount {
            taken.insert(random.number(in: 1...max(hours, members[member].entryCount)))
        }
        return taken.sorted().map { start + Int64($0) * 3_600_000 }
    }

    /// Anything but an event: mostly a purchase.
    private mutating func move(_ ledger: inout SampleLedger, at time: Int64, _ tier: Int) {
        let kind = random.number(below: 100)
        if kind < 18, ledger.account.active >= 100 {
            let points = min(ledger.account.active, Int64(random.number(in: 1...8)) * 100)
            return ledger.redeem(points / 100 * 100, at: time, random.pick(["gift", "voucher"]))
        }
        if kind < 20, ledger.reverseLastRedemption(at: time) { return }
        if kind < 22 {
            let points = Int64(random.number(in: 1...5)) * 10
            let isTaken = random.chance(percent: 40) && ledger.account.active >= points
            return ledger.adjust(isTaken ? -points : points, at: time)
        }
        let reason = random.pick(["purchase", "purchase", "purchase", "survey", "referral"])
        ledger.earn(multiplied(random.number(in: 10...240), tier), at: time, reason, event: nil)
    }

    private func multiplied(_ points: Int, _ tier: Int) -> Int64 {
        Int64(points * organisation.tiers[tier].multiplierBps / 10_000)
    }

    /// Now and then an event that the member has come to, registered for after `from` and begun
    /// before `until`.
    private mutating func attend(
        _ member: Int, tier: Int, from: Int64, until: Int64
    ) -> Int? {
        guard random.chance(percent: 16),
            let event = event(from: from, until: min(until, SampleClub.now)),
            organisation.events[event].isOver,
            register(member, event, tier, "ATTENDED", from: from)
        else { return nil }
        return event
    }

    /// Events that the member did not come to after all.
    private mutating func makeUnattended(_ member: Int) {
        for _ in 0..<random.number(below: 3) {
            let joinedAt = members[member].joinedAt
            guard let event = event(from: joinedAt, until: SampleClub.now) else { continue }
            let status = organisation.events[event].status
            guard status == "FINISHED" || status == "CANCELLED" else { continue }
            let isAbsent = status == "FINISHED" && random.chance(percent: 40)
            // Of tiers that came later nothing was known then.
            _ = register(member, event, 0, isAbsent ? "NO_SHOW" : "CANCELLED", from: joinedAt)
        }
    }

    /// Events to come that the member has registered for.
    private mutating func makeUpcoming(_ member: Int) {
        guard !members[member].isSuspended, random.chance(percent: 45) else { return }
        let from = max(members[member].joinedAt, SampleClub.now - 40 * dayMilliseconds)
        for _ in 0..<random.number(in: 1...3) {
            guard let event = event(from: SampleClub.now, until: .max) else { return }
            let details = organisation.events[event]
            guard details.isOpen else { continue }
            let status =
                details.requiresApproval
                ? "AWAITING_APPROVAL" : details.feeMinor == nil ? "REGISTERED" : "PENDING_PAYMENT"
            let tier = members[member].tier
            let isIn = register(member, event, tier, status, from: from)
            if !isIn && details.waitlistEnabled {
                _ = register(member, event, tier, "WAITLISTED", from: from)
            }
        }
    }

    /// An event that begins in a span of time.
    private mutating func event(from: Int64, until: Int64) -> Int? {
        let first = firstEvent(from: from)
        let end = firstEvent(from: until)
        guard first < end else { return nil }
        return first + random.number(below: end - first)
    }

    private func firstEvent(from time: Int64) -> Int {
        var low = 0
        var high = organisation.events.count
        while low < high {
            let middle = (low + high) / 2
            if organisation.events[middle].startsAt < time {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// Statuses whose seats count.
    static let seatedStatuses: Set<String> = [
        "AWAITING_APPROVAL", "PENDING_PAYMENT", "REGISTERED", "OFFERED", "ATTENDED", "NO_SHOW",
    ]

    /// Registers the member once for each event, if the tier suffices and there are seats.
    private mutating func register(
        _ member: Int, _ event: Int, _ tier: Int, _ status: String, from: Int64
    ) -> Bool {
        let details = organisation.events[event]
        let seats = random.chance(percent: 6) ? 2 : 1
        guard details.minTier ?? 0 <= tier, !ownEvents.contains(event) else { return false }
        if SamplePeople.seatedStatuses.contains(status) {
            guard seatsTaken[event] + seats <= details.capacity ?? .max else { return false }
            seatsTaken[event] += seats
        }
        ownEvents.insert(event)
        let latest = min(details.startsAt, SampleClub.now) - 1
        let time = random.time(
            from: max(from, latest - 20 * dayMilliseconds), to: max(from, latest))
        registrations.append(
            Registration(
                event: event, member: member, status: status, seats: seats, registeredAt: time))
        members[member].lastActiveAt = max(members[member].lastActiveAt, time)
        return true
    }
}

/// One account's entries, each with the balance after it.
struct SampleLedger {
    let member: Int
    private(set) var entries: [SamplePeople.Entry] = []
    private(set) var account = SamplePeople.Account()
    /// The last redemption that was not taken back.
    private var redemption: (seq: Int64, points: Int64)?

    init(member: Int) {
        self.member = member
    }

    mutating func earn(_ points: Int64, at time: Int64, _ reason: String, event: Int?) {
        account.earned += points
        append("EARN", points, time, reason, event: event)
    }

    mutating func redeem(_ points: Int64, at time: Int64, _ reason: String) {
        account.spent += points
        append("REDEEM", -points, time, reason)
        redemption = (Int64(entries.count), points)
    }

    /// False when there is none to take back.
    mutating func reverseLastRedemption(at time: Int64) -> Bool {
        guard let redemption else { return false }
        account.spent -= redemption.points
        append("REDEEM_REVERSAL", redemption.points, time, "returned", reverses: redemption.seq)
        self.redemption = nil
        return true
    }

    mutating func adjust(_ points: Int64, at time: Int64) {
        append("ADJUST", points, time, "goodwill")
    }

    private mutating func append(
        _ type: String, _ delta: Int64, _ time: Int64, _ reason: String, event: Int? = nil,
        reverses: Int64? = nil
    ) {
        account.active += delta
        entries.append(
            SamplePeople.Entry(
                member: member, seq: Int64(entries.count + 1), type: type, delta: delta,
                balanceAfter: account.active, at: time, reason: reason, event: event,
                reverses: reverses))
    }
}
