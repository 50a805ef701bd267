import Engine
import GraphQL
import Store

/// A bank small enough to be known by heart, with a rule of every kind.
let bankSchema = """
    type Account @table(idPrefix: "acc", write: [UPDATE]) @key(fields: "name") {
      name: String!
      kind: AccountKind! @default(value: NORMAL)
      limit: Money
      pin: String @sensitive
      balance: Long! @default(value: 0) @computed(rule: "bank", stored: true)
      closesAt: DateTime @index
      entries: [Entry!]! @relation(inverse: "account")
      summary(last: Int! = 2): Summary! @computed(rule: "account.summary")
      label: String @computed(rule: "account.label")
    }
    enum AccountKind { NORMAL CLOSED }
    type Money { amount: Long! currency: String! }
    type Entry @table(idPrefix: "ent", appendOnly: true) @index(fields: ["account", "seq"]) {
      account: Account! @relation
      seq: Long!
      amount: Long!
      note: String
    }
    type Note @table(idPrefix: "note", appendOnly: true) {
      mutation: String! subject: String! before: JSON after: JSON
    }
    "What an account comes to."
    type Summary { newest: [Entry!]! sum: Long! kind: AccountKind limit: Money other: Account
      "The sum after a payment."
      after(amount: Long!): Long @rule(name: "summary.after") }
    input MoneyInput { amount: Long! currency: String! }
    input OpenAccountInput { name: String! kind: AccountKind limit: MoneyInput amounts: [Long!] dryRun: Boolean = false }
    type OpenAccountPayload { account: Account entries: [Entry!]! sum: Long! }
    input PayInput { accountId: ID! amount: Long! note: String }
    type PayPayload { entry: Entry account: Account shortfall: Long }
    extend type Mutation {
      "Opens an account."
      openAccount(input: OpenAccountInput!): OpenAccountPayload! @rule(name: "bank.open")
      pay(input: PayInput!): PayPayload! @rule(name: "bank.pay")
    }
    extend type Query { richest(first: Int): [Account!]! @rule(name: "bank.richest") }
    """

enum AccountKind: String, SchemaEnum {
    case normal = "NORMAL"
    case closed = "CLOSED"
}

struct Amount: StoredObject {
    var amount: Int64
    var currency: String

    static let fieldNames = ["currency", "amount"]

    init(_ values: [CoercedValue]) {
        amount = 0
        currency = ""
        if case .string(let text) = values[0] { currency = text }
        if case .int(let number) = values[1] { amount = number }
    }

    var values: [CoercedValue] { [.string(currency), .int(amount)] }
}

struct BankTables: BoundTables {
    let accounts: RuleTable
    let name: RowField<String>
    let kind: EnumField<AccountKind>
    let limit: ValueField<Amount>
    let balance: RowField<Int64>
    let closesAt: RowField<Int64?>
    let byName: RuleKey
    let entries: RuleTable
    let account: RowField<RowRef>
    let seq: RowField<Int64>
    let amount: RowField<Int64>
    let note: RowField<String?>
    let byAccount: RuleIndex

    init(_ binder: RuleBinder) {
        let account = binder.table("Account")
        accounts = account.table
        name = account("name")
        kind = account("kind")
        limit = account("limit")
        balance = account("balance")
        closesAt = account("closesAt")
        byName = account.key("name")
        let entry = binder.table("Entry")
        entries = entry.table
        self.account = entry("account")
        seq = entry("seq")
        amount = entry("amount")
        note = entry("note")
        byAccount = entry.index(["account"], ordered: "seq")
    }

    func pay(_ points: Int64, _ note: String?, to account: RowRef, _ call: RuleCall)
        throws(MutationStop) -> RowRef
    {
        let last = call.data.rows(byAccount, .row(account), reversed: true, limit: 1).first
        let seq = last.map { call.data.row(entries, $0)[self.seq] } ?? 0
        let balance = call.data.row(accounts, account)[self.balance]
        let entry = try call.insert(entries) {
            $0[self.account] = account
            $0[self.seq] = seq + 1
            $0[amount] = points
            $0[self.note] = note
        }
        try call.update(accounts, account) { $0[self.balance] = balance + points }
        return entry
    }
}

extension ErrorCode {
    static let short = ErrorCode("SHORT", "The account does not hold so much.")
    static let closed = ErrorCode("CLOSED", "The account is closed.")
}

struct OpenAccount: MutationRule {
    static let name = "bank.open"
    let bank: BankTables
    let name: InputField<String>
    let kind: InputField<AccountKind?>
    let limit: InputField<Amount?>
    let amounts: InputField<[Int64]?>
    let payload: ResultShape

    init(_ binder: RuleBinder) {
        bank = binder.shared()
        name = binder.input("name")
        kind = binder.input("kind")
        limit = binder.input("limit")
        amounts = binder.input("amounts")
        payload = binder.output("sum", "account", "entries")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        if call.data.find(bank.byName, .text(call[name])) != nil {
            call.note(.duplicate, "The name is taken.", at: "name")
        }
        if (call[amounts] ?? []).contains(0) {
            call.note(.invalid, "Nothing is paid.", at: "amounts")
        }
        try call.throwIfRefused()
        let account = try call.insert(bank.accounts) {
            $0[bank.name] = call[name]
            $0[bank.limit] = call[limit]
            if let kind = call[kind] { $0[bank.kind] = kind }
        }
        call.auditNew(bank.accounts, account)
        var entries: [RowRef] = []
        for amount in call[amounts] ?? [] {
            entries.append(try bank.pay(amount, nil, to: account, call))
        }
        call.answer(
            payload, .int(call.data.row(bank.accounts, account)[bank.balance]), .row(account),
            .rows(entries))
    }
}

struct Pay: MutationRule {
    static let name = "bank.pay"
    let bank: BankTables
    let accountID: InputField<String>
    let amount: InputField<Int64>
    let note: InputField<String?>
    let payload: ResultShape

    init(_ binder: RuleBinder) {
        bank = binder.shared()
        accountID = binder.input("accountId")
        amount = binder.input("amount")
        note = binder.input("note")
        payload = binder.output("entry", "account", "shortfall")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let account = try call.row(call[accountID], in: bank.accounts, at: "accountId")
        call.audit(bank.accounts, account)
        let row = call.data.row(bank.accounts, account)
        if row[bank.kind] == .closed { throw call.refuse(.closed, "It is closed.") }
        let balance = row[bank.balance]
        let entry = try bank.pay(call[amount], call[note], to: account, call)
        if balance + call[amount] < 0 {
            throw call.refuse(.short, "There are \(balance).", at: "amount")
        }
        call.answer(payload, .row(entry), .row(account), .null)
    }
}

struct AccountSummary: FieldRule {
    static let name = "account.summary"
    let bank: BankTables
    let last: InputField<Int>
    let shape: ResultShape
    let money: ResultShape

    init(_ binder: RuleBinder) {
        bank = binder.shared()
        last = binder.input("last")
        shape = binder.output("newest", "sum", "kind", "limit")
        money = binder.result("Money", "amount", "currency")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        if read[last] < 0 { throw .refused("last must not be negative.") }
        let row = read.data.row(bank.accounts, read.owner)
        let newest = read.data.rows(
            bank.byAccount, .row(read.owner), reversed: true, limit: read[last])
        var limit = RuleValue.null
        if let value = row[bank.limit] {
            limit = money.object(.int(value.amount), .string(value.currency))
        }
        return shape.object(
            .rows(newest), read.isSelected("sum") ? .int(row[bank.balance]) : .null,
            .enum(row[bank.kind]), limit)
    }
}

struct AccountLabel: FieldRule {
    static let name = "account.label"
    let bank: BankTables

    init(_ binder: RuleBinder) { bank = binder.shared() }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let name = read.data.row(bank.accounts, read.owner)[bank.name]
        return name.isEmpty ? .null : .string("\(name)!")
    }
}

struct SumAfter: FieldRule {
    static let name = "summary.after"
    let bank: BankTables
    let amount: InputField<Int64>

    init(_ binder: RuleBinder) {
        bank = binder.shared()
        amount = binder.input("amount")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        .int(read.data.row(bank.accounts, read.owner)[bank.balance] + read[amount])
    }
}

struct Richest: FieldRule {
    static let name = "bank.richest"
    let bank: BankTables
    let first: InputField<Int?>

    init(_ binder: RuleBinder) {
        bank = binder.shared()
        first = binder.input("first")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        var all: [(Int64, RowRef)] = []
        read.data.forEach(bank.accounts) { ref, row in all.append((row[bank.balance], ref)) }
        try read.visit(all.count)
        all.sort { ($0.0, $1.1.rawValue) > ($1.0, $0.1.rawValue) }
        return .rows(all.prefix(read[first] ?? 10).map(\.1))
    }
}

struct Closing: DueRule {
    static let table = "Account"
    static let field = "closesAt"
    let bank: BankTables

    init(_ binder: RuleBinder) { bank = binder.shared() }

    func settle(_ row: RowRef, _ call: RuleCall) throws(MutationStop) {
        try call.update(bank.accounts, row) {
            $0[bank.kind] = .closed
            $0[bank.closesAt] = nil
        }
    }
}

struct Notes: ChangeObserver {
    let notes: RuleTable
    let mutation: RowField<String>
    let subject: RowField<String>
    let before: RowField<JSONDocument?>
    let after: RowField<JSONDocument?>

    init(_ binder: RuleBinder) {
        let note = binder.table("Note")
        notes = note.table
        mutation = note("mutation")
        subject = note("subject")
        before = note("before")
        after = note("after")
    }

    func changed(_ change: RowChange, _ call: RuleCall) throws(MutationStop) {
        try call.insert(notes) {
            $0[mutation] = change.mutation
            $0[subject] = change.subjectID
            $0[before] = change.before.map { JSONDocument($0) }
            $0[after] = change.after.map { JSONDocument($0) }
        }
    }
}

let bankRules = RuleLibrary(
    mutations: [OpenAccount.self, Pay.self],
    fields: [AccountSummary.self, AccountLabel.self, SumAfter.self, Richest.self],
    due: [Closing.self], observer: Notes.self, keepers: ["bank"],
    errorCodes: [.short, .closed])
