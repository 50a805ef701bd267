@testable import Membership

/// A points account as a drawer of single points, each with its own life. Slow, and written without
/// a thought of lots' remainders, totals or entries: those are counted when somebody asks.
struct PointsModel {
    enum Life: Equatable {
        case pending
        case active
        case spent
        case lapsed
        /// Taken back, adjusted away, given away, or used up by a debt.
        case gone
    }

    struct Point {
        let lot: Int
        var life: Life
        var hold: Int?
    }

    struct Lot {
        let earnedAt: Int64
        var activatesAt: Int64
        var expiresAt: Int64?
    }

    struct Hold {
        let until: Int64
        /// Which points, in the order in which they were chosen.
        let points: [Int]
    }

    var points: [Point] = []
    var lots: [Lot] = []
    var holds: [Int: Hold] = [:]
    /// Points that each operation spent, in order, those since given back removed.
    var spendings: [Int: [Int]] = [:]
    var owed = 0

    /// How many points there are of each kind.
    struct Census {
        var pending = 0
        var active = 0
        var lapsed = 0
        var held = 0
        var byLot: [Int]
    }

    var census: Census {
        var census = Census(byLot: Array(repeating: 0, count: lots.count))
        for point in points {
            if point.hold != nil { census.held += 1 }
            switch point.life {
            case .pending:
                census.pending += 1
                census.byLot[point.lot] += 1
            case .active:
                census.active += 1
                census.byLot[point.lot] += 1
            case .lapsed: census.lapsed += 1
            case .spent, .gone: break
            }
        }
        return census
    }

    var spendable: Int { points.count { $0.life == .active && $0.hold == nil } }
    var spent: Int { spendings.values.reduce(0) { $0 + $1.count } }

    func remaining(ofLot lot: Int) -> Int {
        points.count { $0.lot == lot && ($0.life == .active || $0.life == .pending) }
    }

    /// Minute by minute would be the same: what is due is done in the order of its moment.
    mutating func pass(to now: Int64) {
        for (number, hold) in holds where hold.until <= now { drop(number) }
        var moments: Set<Int64> = []
        for point in points where point.life == .pending || point.life == .active {
            if point.life == .pending { moments.insert(lots[point.lot].activatesAt) }
            if let expiresAt = lots[point.lot].expiresAt { moments.insert(expiresAt) }
        }
        for moment in moments.sorted() where moment <= now {
            for lot in lots.indices where lots[lot].activatesAt <= moment {
                let waking = points.indices.filter {
                    points[$0].lot == lot && points[$0].life == .pending
                }
                for place in waking { points[place].life = .active }
                payDebt()
            }
            for place in points.indices where points[place].life == .active {
                let lot = points[place].lot
                guard let expiresAt = lots[lot].expiresAt, expiresAt <= moment else { continue }
                if !points.contains(where: { $0.lot == lot && $0.hold != nil }) {
                    points[place].life = .lapsed
                }
            }
        }
    }

    /// Active points that no hold has, the next to be spent first.
    func order(in subset: (Int) -> Bool = { _ in true }) -> [Int] {
        points.indices.filter {
            points[$0].life == .active && points[$0].hold == nil && subset($0)
        }
        .sorted { left, right in
            let one = lots[points[left].lot]
            let other = lots[points[right].lot]
            let oneEnd = one.expiresAt ?? .max
            let otherEnd = other.expiresAt ?? .max
            return (oneEnd, one.earnedAt, Int64(points[left].lot), Int64(left))
                < (otherEnd, other.earnedAt, Int64(points[right].lot), Int64(right))
        }
    }

    mutating func payDebt() {
        guard owed > 0 else { return }
        let free = order()
        for place in free.prefix(owed) {
            points[place].life = .gone
            owed -= 1
        }
    }

    mutating func add(_ count: Int, _ lot: Lot, now: Int64) {
        lots.append(lot)
        let life: Life = lot.activatesAt > now ? .pending : .active
        for _ in 0..<count { points.append(Point(lot: lots.count - 1, life: life)) }
        payDebt()
        pass(to: now)
    }

    mutating func spend(_ places: some Sequence<Int>, number: Int) {
        let places = Array(places)
        for place in places {
            points[place].life = .spent
            points[place].hold = nil
        }
        spendings[number] = places
    }

    mutating func drop(_ hold: Int) {
        holds[hold] = nil
        for place in points.indices where points[place].hold == hold { points[place].hold = nil }
    }

    /// The last points that an operation spent come back.
    mutating func giveBack(_ count: Int, of number: Int, now: Int64) {
        // Within a lot, all points are alike; between lots, the last taken returns first.
        for _ in 0..<count {
            if let place = spendings[number]?.popLast() { points[place].life = .active }
        }
        payDebt()
        pass(to: now)
    }

    /// - Returns: what could not be taken.
    mutating func clawBack(_ count: Int, lot: Int, _ policy: ReturnPolicy, now: Int64) -> Int {
        let own = points.indices.filter { points[$0].lot == lot && points[$0].life == .pending }
        for place in own.prefix(count) { points[place].life = .gone }
        let rest = count - min(count, own.count)
        if rest == 0 { return 0 }
        switch policy {
        case .onlyPending: return rest
        case .withinBalance, .allowNegative:
            return take(rest, first: lot, mayOwe: policy == .allowNegative, now: now)
        }
    }

    /// - Returns: what could not be taken.
    mutating func take(_ count: Int, first lot: Int?, mayOwe: Bool, now: Int64) -> Int {
        while mayOwe, spendable < count, let youngest = holds.keys.max() {
            drop(youngest)
            pass(to: now)
        }
        let own = order { points[$0].lot == lot }
        let others = order { points[$0].lot != lot }
        let places = (own + others).prefix(count)
        for place in places { points[place].life = .gone }
        let missing = count - places.count
        if mayOwe {
            owed += missing
            return 0
        }
        return missing
    }

    mutating func extend(_ expiry: (Int64) -> Int64?, from at: Int64, now: Int64) {
        for lot in lots.indices where remaining(ofLot: lot) > 0 {
            guard let old = lots[lot].expiresAt, old > now,
                let new = expiry(at)
            else { continue }
            lots[lot].expiresAt = max(old, new)
        }
    }
}
