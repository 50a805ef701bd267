import Bytes
import Testing

@testable import Membership

struct WalletLedgerTests {
    private func eur(_ minor: Int64) -> Amount { Amount(minor: minor, currency: "EUR") }

    private func refusal(
        _ body: () throws(WalletRefusal) -> Void, _ location: SourceLocation = #_sourceLocation
    ) -> WalletRefusal? {
        do throws(WalletRefusal) {
            try body()
            Issue.record("accepted", sourceLocation: location)
            return nil
        } catch {
            return error
        }
    }

    /// 100 of the member's own, 30 that end at 50, 20 that end at 40.
    private func wallet() throws -> WalletLedger {
        var wallet = WalletLedger(currency: "EUR")
        _ = try wallet.topUp(eur(60), bonus: 30, bonusExpiresAt: 50, lot: 1, paymentRef: "a", at: 0)
        _ = try wallet.topUp(eur(40), bonus: 20, bonusExpiresAt: 40, lot: 2, paymentRef: "b", at: 1)
        return wallet
    }

    private func log(_ wallet: WalletLedger) -> [String] {
        wallet.entries.map {
            "\($0.type.rawValue) \($0.principalDelta) \($0.bonusDelta) \($0.balanceAfter)"
        }
    }

    @Test func `the member's own money pays first, then the bonus that ends first`() throws {
        var wallet = try wallet()
        #expect(try wallet.pay(eur(125), at: 10) == 5)
        #expect(wallet.principal == 0)
        #expect(
            wallet.entries[4].bonusParts
                == [BonusPart(lot: 2, amount: 20), BonusPart(lot: 1, amount: 5)])
        #expect(
            log(wallet) == [
                "TOP_UP 60 0 60", "BONUS 0 30 90", "TOP_UP 40 0 130", "BONUS 0 20 150",
                "PAYMENT -100 -25 25",
            ])
    }

    @Test func `in proportion, both pay as they are to each other`() throws {
        var wallet = try wallet()
        _ = try wallet.pay(eur(31), .proRata, at: 10)
        // 31 of 150: 10.3 of the bonus.
        #expect(wallet.entries[4].principalDelta == -21)
        #expect(wallet.entries[4].bonusDelta == -10)
        _ = try wallet.pay(eur(119), .proRata, at: 11)
        #expect(wallet.principal == 0)
        #expect(wallet.bonus(at: 11) == 0)
    }

    @Test func `I31 a bonus past its end counts nothing, whether an entry says so or not`() throws {
        var wallet = try wallet()
        #expect(wallet.balance(at: 39) == 150)
        #expect(wallet.balance(at: 40) == 130)
        #expect(wallet.balance(at: 50) == 100)
        let before = wallet
        #expect(
            refusal { () throws(WalletRefusal) in _ = try wallet.pay(eur(101), at: 60) }
                == .insufficient(available: 100, asked: 101))
        #expect(wallet == before)
        _ = try wallet.pay(eur(1), at: 60)
        #expect(
            log(wallet).suffix(3) == ["EXPIRE 0 -20 130", "EXPIRE 0 -30 100", "PAYMENT -1 0 99"])
        #expect(wallet.entries.suffix(3).map(\.at) == [40, 50, 60])
    }

    @Test func `I33 a refund goes back to the split that paid`() throws {
        var wallet = try wallet()
        let payment = try wallet.pay(eur(125), at: 10)
        try wallet.refund(payment, amount: eur(50), at: 11)
        #expect(wallet.entries[5].principalDelta == 40)
        #expect(
            wallet.entries[5].bonusParts
                == [BonusPart(lot: 1, amount: 5), BonusPart(lot: 2, amount: 5)])
        try wallet.refund(payment, at: 12)
        #expect(wallet.principal == 100)
        #expect(wallet.lots.map(\.remaining) == [30, 20])
        #expect(
            refusal { () throws(WalletRefusal) in try wallet.refund(payment, at: 13) }
                == .exceedsPayment(left: 0, asked: 0))
    }

    @Test func `a bonus that has ended meanwhile ends again at once`() throws {
        var wallet = try wallet()
        let payment = try wallet.pay(eur(125), at: 10)
        try wallet.refund(payment, at: 45)
        #expect(
            log(wallet).suffix(2) == ["REFUND 100 25 150", "EXPIRE 0 -20 130"])
        #expect(wallet.balance(at: 45) == 130)
        #expect(wallet.bonus(at: 45) == 30)
    }

    @Test func `I34 only the member's own money is paid out`() throws {
        var wallet = try wallet()
        #expect(
            refusal { () throws(WalletRefusal) in try wallet.withdraw(eur(101), at: 5) }
                == .insufficient(available: 100, asked: 101))
        try wallet.withdraw(eur(25), forfeitsBonus: true, at: 5)
        #expect(log(wallet).suffix(2) == ["WITHDRAWAL -25 0 125", "ADJUST 0 -12 113"])
        try wallet.withdraw(eur(75), at: 6)
        #expect(wallet.principal == 0)
        #expect(wallet.balance(at: 6) == 38)
    }

    @Test func `the same payment tops up once`() throws {
        var wallet = try wallet()
        let before = wallet
        #expect(
            try wallet.topUp(
                eur(60), bonus: 30, bonusExpiresAt: 50, lot: 9, paymentRef: "a", at: 9) == false)
        #expect(wallet == before)
        #expect(
            refusal { () throws(WalletRefusal) in
                _ = try wallet.topUp(eur(61), bonus: 30, lot: 9, paymentRef: "a", at: 9)
            } == .paymentRefTaken("a"))
        #expect(
            refusal { () throws(WalletRefusal) in
                _ = try wallet.topUp(eur(60), lot: 9, paymentRef: "a", at: 9)
            } == .paymentRefTaken("a"))
    }

    @Test func `I32 other money and amounts that are none are refused`() throws {
        var wallet = try wallet()
        let before = wallet
        #expect(
            refusal { () throws(WalletRefusal) in
                _ = try wallet.pay(Amount(minor: 1, currency: "JPY"), at: 0)
            } == .currency("JPY", is: "EUR"))
        for minor in [0, -1, Int64.min] {
            #expect(
                refusal { () throws(WalletRefusal) in _ = try wallet.pay(eur(minor), at: 0) }
                    == .nonPositive(minor))
        }
        #expect(
            refusal { () throws(WalletRefusal) in
                _ = try wallet.topUp(eur(.max), lot: 9, paymentRef: "x", at: 0)
            } == .tooLarge)
        #expect(
            refusal { () throws(WalletRefusal) in
                _ = try wallet.topUp(
                    eur(Exact.max), bonus: .max, lot: 9, paymentRef: "x", at: 0)
            } == .tooLarge)
        #expect(
            refusal { () throws(WalletRefusal) in
                _ = try wallet.topUp(eur(Exact.max - 149), lot: 9, paymentRef: "x", at: 0)
            } == .tooLarge)
        #expect(
            refusal { () throws(WalletRefusal) in try wallet.refund(1, at: 0) }
                == .notAPayment(.topUp))
        #expect(
            refusal { () throws(WalletRefusal) in try wallet.refund(77, at: 0) } == .entryUnknown)
        #expect(wallet == before)
    }

    @Test func `a refund does not pass the largest balance`() throws {
        var wallet = WalletLedger(currency: "EUR")
        _ = try wallet.topUp(eur(Exact.max), lot: 1, paymentRef: "a", at: 0)
        let payment = try wallet.pay(eur(Exact.max), at: 1)
        _ = try wallet.topUp(eur(5), lot: 1, paymentRef: "b", at: 2)
        #expect(
            refusal { () throws(WalletRefusal) in try wallet.refund(payment, at: 3) } == .tooLarge)
        try wallet.refund(payment, amount: eur(Exact.max - 5), at: 3)
        #expect(wallet.balance(at: 3) == Exact.max)
    }

    /// A purse of single coins: whose each is, and when it ends.
    private struct Purse {
        struct Coin { var lot: Int64?; var ends: Int64 }
        var coins: [Coin] = []

        mutating func expire(_ now: Int64) { coins.removeAll { $0.ends <= now } }

        /// Takes coins, the member's own first.
        mutating func take(_ count: Int) -> [Coin] {
            coins.sort {
                ($0.lot == nil ? 0 : 1, $0.ends, $0.lot ?? 0)
                    < ($1.lot == nil ? 0 : 1, $1.ends, $1.lot ?? 0)
            }
            defer { coins.removeFirst(count) }
            return Array(coins.prefix(count))
        }
    }

    @Test func `I31 and I33 a wallet does what a purse of coins does`() throws {
        for seed in UInt64(1)...300 {
            var random = SeededRandom(seed: seed)
            var wallet = WalletLedger(currency: "EUR")
            var purse = Purse()
            /// What is left of each payment, in the order in which it was paid.
            var paid: [Int: [Purse.Coin]] = [:]
            var now: Int64 = 0
            for step in Int64(1)...60 {
                now += Int64(random.number(in: 0...3))
                purse.expire(now)
                switch random.number(in: 0...4) {
                case 0:
                    let own = Int64(random.number(in: 1...40))
                    let bonus = Int64(random.number(in: 0...15))
                    let ends =
                        random.chance(percent: 70) ? now + Int64(random.number(in: 0...30)) : .max
                    _ = try wallet.topUp(
                        eur(own), bonus: bonus, bonusExpiresAt: ends == .max ? nil : ends,
                        lot: step, paymentRef: "\(step)", at: now)
                    purse.coins += (0..<own).map { _ in Purse.Coin(lot: nil, ends: .max) }
                    purse.coins += (0..<bonus).map { _ in Purse.Coin(lot: step, ends: ends) }
                    purse.expire(now)
                case 1, 2:
                    let amount = random.number(in: 1...50)
                    guard amount <= purse.coins.count else {
                        #expect((try? wallet.pay(eur(Int64(amount)), at: now)) == nil)
                        continue
                    }
                    paid[try wallet.pay(eur(Int64(amount)), at: now)] = purse.take(amount)
                case 3:
                    guard let payment = paid.keys.sorted().randomElement(using: &random),
                        var coins = paid[payment], !coins.isEmpty
                    else { continue }
                    let amount = random.number(in: 1...coins.count)
                    try wallet.refund(payment, amount: eur(Int64(amount)), at: now)
                    // Own coins in proportion, rounded down; the others from the last one back.
                    let ownCount = coins.count { $0.lot == nil }
                    let own = amount * ownCount / coins.count
                    purse.coins += coins.prefix(own)
                    purse.coins += coins.suffix(amount - own)
                    coins.removeLast(amount - own)
                    coins.removeFirst(own)
                    paid[payment] = coins
                    purse.expire(now)
                default:
                    let amount = random.number(in: 1...20)
                    let own = purse.coins.count { $0.lot == nil }
                    guard amount <= own else { continue }
                    try wallet.withdraw(eur(Int64(amount)), at: now)
                    _ = purse.take(amount)
                }
                let note: Comment = "seed \(seed), step \(step)"
                #expect(wallet.principal == Int64(purse.coins.count { $0.lot == nil }), note)
                for lot in wallet.lots where lot.expiresAt ?? .max > now {
                    #expect(
                        lot.remaining == Int64(purse.coins.count { $0.lot == lot.key }), note)
                }
                wallet.settle(at: now)
                #expect(
                    wallet.entries.map(\.principalDelta).reduce(0, +) == wallet.principal, note)
                #expect(
                    wallet.entries.map(\.bonusDelta).reduce(0, +) == wallet.bonus(at: now), note)
                #expect(wallet.entries.last?.balanceAfter ?? 0 == wallet.balance(at: now), note)
            }
        }
    }

    @Test func `a transfer takes bonuses along with their ends, and back again`() throws {
        var (from, to) = (try wallet(), WalletLedger(currency: "EUR"))
        _ = try to.topUp(eur(5), lot: 9, paymentRef: "c", at: 2)
        let before = from
        try from.transfer(to: &to, newLot: { 10 + $0 }, at: 10)
        #expect(log(from).last == "TRANSFER -100 -50 0")
        #expect(log(to) == ["TOP_UP 5 0 5", "TRANSFER 100 50 155"])
        #expect(
            to.lots == [
                BonusLot(key: 11, remaining: 30, expiresAt: 50),
                BonusLot(key: 12, remaining: 20, expiresAt: 40),
            ])
        try to.transfer(
            to: &from, principal: 100,
            bonuses: [BonusPart(lot: 11, amount: 30), BonusPart(lot: 12, amount: 20)],
            newLot: { $0 - 10 }, at: 20)
        #expect(from.lots == before.lots)
        #expect(from.principal == 100)
        #expect(to.balance(at: 20) == 5)
        #expect(log(to).last == "TRANSFER -100 -50 5")
    }

    @Test func `a bonus that is over is not transferred, and nothing at all writes no line`() throws
    {
        var (from, to) = (try wallet(), WalletLedger(currency: "EUR"))
        try from.transfer(to: &to, newLot: { $0 }, at: 45)
        #expect(log(from).suffix(2) == ["EXPIRE 0 -20 130", "TRANSFER -100 -30 0"])
        #expect(to.lots == [BonusLot(key: 1, remaining: 30, expiresAt: 50)])
        let empty = from
        try from.transfer(to: &to, newLot: { $0 }, at: 46)
        #expect(from == empty)
    }

    @Test func `more than there is, or another currency, is not transferred`() throws {
        var (from, to) = (try wallet(), WalletLedger(currency: "EUR"))
        #expect(
            refusal { () throws(WalletRefusal) in
                try from.transfer(to: &to, principal: 101, newLot: { $0 }, at: 1)
            } == .insufficient(available: 100, asked: 101))
        #expect(
            refusal { () throws(WalletRefusal) in
                try from.transfer(
                    to: &to, principal: 0, bonuses: [BonusPart(lot: 1, amount: 31)],
                    newLot: { $0 }, at: 1)
            } == .insufficient(available: 150, asked: 31))
        var other = WalletLedger(currency: "CNY")
        #expect(
            refusal { () throws(WalletRefusal) in
                try from.transfer(to: &other, newLot: { $0 }, at: 1)
            } == .currency("CNY", is: "EUR"))
        #expect(try from == wallet())
    }

    @Test func `a wallet of which only the lines that matter are loaded does the same`() throws {
        var whole = try wallet()
        let payment = try whole.pay(eur(125), at: 10)
        var part = WalletLedger(
            currency: "EUR", principal: whole.principal, lots: whole.lots,
            entries: whole.entries.filter { $0.seq == payment }, lastSeq: whole.lastSeq,
            lastBalance: whole.balance(at: 10))
        try whole.refund(payment, amount: eur(25), at: 11)
        try part.refund(payment, amount: eur(25), at: 11)
        #expect(part.entries.last == whole.entries.last)
        #expect(part.lots == whole.lots)
        #expect(
            [part.principal, part.balance(at: 11)] == [whole.principal, whole.balance(at: 11)])
    }
}
