import Engine
import Store

/// The points that lapse soon, by day.
struct ExpiringPoints: FieldRule {
    static let name = "points.expiring"

    private let books: PointsBooks
    private let withinDays: InputField<Int>
    private let bucket: ResultShape

    init(_ binder: RuleBinder) {
        books = binder.shared()
        withinDays = binder.input("withinDays")
        bucket = binder.result("ExpiryBucket", "expiresOn", "points")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let days = read[withinDays]
        guard (0...36_600).contains(days) else {
            throw .refused("\"withinDays\" must be within 0 and 36600.")
        }
        let state = books.state(of: read.owner, read.data)
        try read.visit(state.lots.count + 1)
        let row = read.data.row(books.accounts.table, read.owner)
        let program = books.programs.points(row[books.accounts.program], read.data)
        let lastActivity = books.lastActivity(of: row[books.accounts.member], program, read.data)
        // A balance that was imported without lots never lapses.
        let reading = try? PointsReading(
            state, program, lastActivityAt: lastActivity, at: read.now)
        return .list(
            (reading?.expiring(withinDays: days) ?? []).map {
                bucket.object(.int(Int64($0.expiresOn)), .int($0.points))
            })
    }
}

/// The balance at an instant.
struct BalanceAt: FieldRule {
    static let name = "points.balanceAt"

    private let accounts: AccountTable
    private let entries: EntryTable
    private let at: InputField<Int64>

    init(_ binder: RuleBinder) {
        accounts = binder.shared()
        entries = binder.shared()
        at = binder.input("at")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let row = read.data.row(accounts.table, read.owner)
        let balance = row[accounts.active] &- row[accounts.owed]
        try read.visit(1)
        return .int(
            entries.balance(of: read.owner, at: read[at], now: balance, read.data))
    }
}

/// What an order would earn.
struct QuotePoints: FieldRule {
    static let name = "points.quote"

    private let desk: PointsDesk
    private let memberID: InputField<String>
    private let programID: InputField<String>
    private let total: InputField<Amount>
    private let order: InputField<InputObject>
    private let quote: ResultShape
    private let line: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        memberID = binder.input("memberId")
        programID = binder.input("programId")
        order = binder.input("order")
        total = binder.object("order").input("total")
        quote = binder.output("points", "breakdown", "tierAfter")
        line = binder.result("QuoteLine", "rule", "points")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let data = read.data
        let books = desk.books
        guard let member = data.ref(id: read[memberID], in: books.members.table) else {
            throw .refused("There is no member with this id.")
        }
        guard let program = data.ref(id: read[programID], in: books.programs.table) else {
            throw .refused("There is no program with this id.")
        }
        let amount = read[order][total]
        let rules = data.rows(
            desk.rules.byTrigger, .row(program), desk.rules.trigger.part(.orderPaid))
        try read.visit(rules.count + 1)
        let award: EarningAward
        do throws(PointsFailure) {
            award = try desk.rules.award(
                rules, .orderPaid, member, program, at: data.now,
                amount: (amount.minor, amount.currency), desk.tiers, data)
        } catch {
            throw .refused(error.message)
        }
        return quote.object(
            .int(award.points),
            .list(
                award.lines.map {
                    line.object(
                        .row(RowRef(rawValue: UInt32(truncatingIfNeeded: $0.rule))),
                        .int($0.points))
                }),
            .row(tier(after: award.points, amount.minor, member, program, data)))
    }

    /// The level held afterwards; nil for a program without levels.
    private func tier(
        after points: Int64, _ minor: Int64, _ member: RowRef, _ program: RowRef, _ data: DataView
    ) -> RowRef? {
        guard let rules = try? desk.tiers.programs.tierRules(program, data) else { return nil }
        let standing = desk.tiers.standing(member, program, rules, data)
        let gain =
            switch rules.metric {
            case .qualifyingPoints: points
            case .activeBalance:
                desk.books.programs.points(program, data).pendingDays > 0 ? 0 : points
            case .spend: max(0, minor)
            case .visits: Int64(1)
            }
        return (try? rules.tier(after: standing, gaining: gain, now: data.now)).map {
            RowRef(rawValue: UInt32(truncatingIfNeeded: $0))
        }
    }
}

/// How far a member is towards the next tier.
struct TierQualifying: FieldRule {
    static let name = "tier.qualifying"

    private let tiers: TierDesk
    private let progress: ResultShape

    init(_ binder: RuleBinder) {
        tiers = binder.shared()
        progress = binder.output(
            "metric", "periodStart", "periodEnd", "achieved", "toRetain", "nextTier", "toNext",
            "projectedTierAtExpiry")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let assignments = tiers.assignments
        let row = read.data.row(assignments.table, read.owner)
        guard row[assignments.effectiveTo] == nil else { return .null }
        let program = row[assignments.program]
        guard let rules = try? tiers.programs.tierRules(program, read.data) else { return .null }
        try read.visit(2)
        let standing = tiers.standing(row[assignments.member], program, rules, read.data)
        guard let found = try? rules.progress(standing, now: read.now) else { return .null }
        func tier(_ ref: UInt64?) -> RuleValue {
            .row(ref.map { RowRef(rawValue: UInt32(truncatingIfNeeded: $0)) })
        }
        return progress.object(
            .enum(found.metric), .int(Int64(found.periodStart)), .int(Int64(found.periodEnd)),
            .int(found.achieved), .int(found.toRetain), tier(found.nextTier), .int(found.toNext),
            tier(found.projectedTier))
    }
}

/// What a program's points are expected to cost.
struct ProgramLiability: FieldRule {
    static let name = "points.liability"

    private let books: PointsBooks
    private let unitCost: ValueField<Amount>
    private let asOf: InputField<Int64?>
    private let money: MoneyShape
    private let liability: ResultShape

    init(_ binder: RuleBinder) {
        books = binder.shared()
        unitCost = binder.table("LoyaltyProgram")("unitCost")
        asOf = binder.input("asOf")
        money = binder.shared()
        liability = binder.output(
            "asOf", "outstanding", "pending", "redemptionRate", "breakageRate", "cost",
            "liability")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let at = min(read[asOf] ?? read.now, read.now)
        let sums = try at < read.now ? past(read, at) : present(read)
        let row = read.data.row(books.programs.table, read.owner)
        var rate = row[books.programs.expectedRedemptionRate]
        if rate == nil { rate = try redemption(read, at) }
        let open = sums.active &+ sums.pending
        var (cost, expected) = (RuleValue.null, RuleValue.null)
        if let unit = row[unitCost] {
            func price(_ rate: Double) -> RuleValue {
                PointsFigures.liability(outstanding: open, rate: rate, unitCostMinor: unit.minor)
                    .map { money.value(Amount(minor: $0, currency: unit.currency)) } ?? .null
            }
            cost = price(1)
            expected = rate.map(price) ?? .null
        }
        return liability.object(
            .int(at), .int(sums.active), .int(sums.pending), .double(rate),
            .double(rate.map { 1 - $0 }), cost, expected)
    }

    private func present(_ read: FieldRead) throws(FieldStop) -> (active: Int64, pending: Int64) {
        let accounts = books.accounts
        var sums: (active: Int64, pending: Int64) = (0, 0)
        try read.visit(read.data.count(accounts.table))
        read.data.forEach(accounts.table) { _, row in
            guard row[accounts.program] == read.owner else { return }
            sums.active &+= row[accounts.active]
            sums.pending &+= row[accounts.pending]
        }
        return sums
    }

    /// From the lines up to then: who owes has none.
    private func past(_ read: FieldRead, _ at: Int64) throws(FieldStop) -> (
        active: Int64, pending: Int64
    ) {
        let (accounts, entries) = (books.accounts, books.entries)
        var balances: [RowRef: Int64] = [:]
        var pending: Int64 = 0
        try read.visit(read.data.count(entries.table))
        read.data.forEach(entries.table) { _, row in
            guard row[entries.at] <= at,
                read.data.row(accounts.table, row[entries.account])[accounts.program] == read.owner
            else { return }
            balances[row[entries.account], default: 0] &+= row[entries.delta]
            pending &+= row[entries.pendingDelta]
        }
        return (balances.values.reduce(0) { $0 &+ max(0, $1) }, pending)
    }

    /// The share of points that was spent, of lots whose end has passed; nil when there are none.
    private func redemption(_ read: FieldRead, _ at: Int64) throws(FieldStop) -> Double? {
        let (accounts, lots) = (books.accounts, books.lots)
        var issued: Int64 = 0
        var ended: Set<RowRef> = []
        try read.visit(read.data.count(lots.table))
        read.data.forEach(lots.table) { ref, row in
            guard let expiresAt = row[lots.expiresAt], expiresAt <= at,
                row[lots.status] != .cancelled,
                read.data.row(accounts.table, row[lots.account])[accounts.program] == read.owner
            else { return }
            issued &+= row[lots.original]
            ended.insert(ref)
        }
        guard !ended.isEmpty else { return nil }
        var spent: Int64 = 0
        try read.visit(read.data.count(lots.allocations))
        read.data.forEach(lots.allocations) { _, row in
            guard ended.contains(row[lots.allocationLot]) else { return }
            let entry = read.data.row(books.entries.table, row[lots.allocationEntry])
            switch entry[books.entries.type] {
            case .redeem: spent &+= row[lots.allocationPoints]
            case .redeemReversal: spent &-= row[lots.allocationPoints]
            default: break
            }
        }
        return PointsFigures.redemption(spent: spent, issued: issued).value
    }
}
