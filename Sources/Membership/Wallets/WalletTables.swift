import Engine
import GraphQL
import Store

extension WalletEntryType: SchemaEnum {}
extension WalletOrder: SchemaEnum {}

/// The wallets.
struct WalletTable: BoundTables {
    let table: RuleTable
    let member: RowField<RowRef>
    let currency: RowField<String>
    let balance: ValueField<Amount>
    let principal: ValueField<Amount>
    let bonus: ValueField<Amount>
    let lastSeq: RowField<Int64>
    let changesAt: RowField<Int64?>
    let byMember: RuleKey
    let ofMember: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("Wallet")
        table = row.table
        member = row("member")
        currency = row("currency")
        balance = row("balance")
        principal = row("principal")
        bonus = row("bonus")
        lastSeq = row("lastSeq")
        changesAt = row("changesAt")
        byMember = row.key("member", "currency")
        ofMember = row.index(["member"], ordered: "currency")
    }
}

/// The bonuses of wallets.
struct WalletBonusTable: BoundTables {
    let table: RuleTable
    let wallet: RowField<RowRef>
    let original: RowField<Int64>
    let remaining: RowField<Int64>
    let expiresAt: RowField<Int64?>
    let ofWallet: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("WalletBonus")
        table = row.table
        wallet = row("wallet")
        original = row("original")
        remaining = row("remaining")
        expiresAt = row("expiresAt")
        ofWallet = row.index(["wallet"], ordered: "expiresAt")
    }
}

/// The lines of wallets.
struct WalletEntryTable: BoundTables {
    let table: RuleTable
    let wallet: RowField<RowRef>
    let member: RowField<RowRef>
    let seq: RowField<Int64>
    let type: EnumField<WalletEntryType>
    let principalDelta: RowField<Int64>
    let bonusDelta: RowField<Int64>
    let balanceAfter: ValueField<Amount>
    let at: RowField<Int64>
    let bonusParts: ValueListField<StoredBonusPart>
    let order: RowField<RowRef?>
    let payment: RowField<RowRef?>
    let reverses: RowField<RowRef?>
    let paymentRef: RowField<String?>
    let reason: RowField<String?>
    let bySeq: RuleKey
    let byPaymentRef: RuleIndex
    let ofPayment: RuleIndex
    let reversing: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("WalletEntry")
        table = row.table
        wallet = row("wallet")
        member = row("member")
        seq = row("seq")
        type = row("type")
        principalDelta = row("principalDelta")
        bonusDelta = row("bonusDelta")
        balanceAfter = row("balanceAfter")
        at = row("at")
        bonusParts = row("bonusParts")
        order = row("order")
        payment = row("payment")
        reverses = row("reverses")
        paymentRef = row("paymentRef")
        reason = row("reason")
        bySeq = row.key("wallet", "seq")
        byPaymentRef = row.index(["paymentRef"], ordered: "at")
        ofPayment = row.index(["payment"], ordered: "at")
        reversing = row.index(["reverses"], ordered: "at")
    }

    func entry(_ ref: RowRef, _ data: DataView) -> WalletEntry {
        let row = data.row(table, ref)
        return WalletEntry(
            seq: Int(row[seq]), type: row[type], principalDelta: row[principalDelta],
            bonusDelta: row[bonusDelta], balanceAfter: row[balanceAfter]?.minor ?? 0, at: row[at],
            bonusParts: row[bonusParts].map { BonusPart(lot: $0.lot, amount: $0.amount) },
            reverses: row[reverses].map { Int(data.row(table, $0)[seq]) },
            paymentRef: row[paymentRef])
    }
}

/// A part of a bonus as a row keeps it.
struct StoredBonusPart: StoredObject {
    static let fieldNames = ["bonus", "amount"]

    /// The number of the bonus's row; −1 for none.
    let lot: Int64
    let amount: Int64

    init(lot: Int64, amount: Int64) {
        self.lot = lot
        self.amount = amount
    }

    init(_ values: [CoercedValue]) {
        var numbers: [Int64] = [-1, 0]
        for (place, value) in values.enumerated() {
            if case .int(let number) = value, place < 2 { numbers[place] = number }
        }
        lot = numbers[0]
        amount = numbers[1]
    }

    var values: [CoercedValue] { [lot < 0 ? .null : .int(lot), .int(amount)] }
}
