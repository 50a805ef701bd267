import Engine
import GraphQL

/// A column or an input of the schema's type Money.
extension Amount: StoredObject {
    static let fieldNames = ["amountMinor", "currency"]

    init(_ values: [CoercedValue]) {
        minor = 0
        currency = ""
        for (name, value) in zip(Amount.fieldNames, values) {
            switch (name, value) {
            case ("amountMinor", .int(let minor)): self.minor = minor
            case ("currency", .string(let currency)): self.currency = currency
            default: continue
            }
        }
    }

    var values: [CoercedValue] { [.int(minor), .string(currency)] }
}

extension Amount {
    /// For messages: the amount in the currency's smallest unit, and its code.
    var text: String { "\(minor) \(currency)" }
}

/// A payload's or a result's Money.
struct MoneyShape: BoundTables {
    private let shape: ResultShape

    init(_ binder: RuleBinder) {
        shape = binder.result("Money", "amountMinor", "currency")
    }

    func value(_ amount: Amount) -> RuleValue {
        shape.object(.int(amount.minor), .string(amount.currency))
    }
}
