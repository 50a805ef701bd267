import Engine

/// The rules of orders and payments.
enum OrderRules {
    static let mutations: [any MutationRule.Type] = [
        CreateOrder.self, PayOrder.self, RefundOrder.self, CancelOrder.self, RecordPayment.self,
        RefundPayment.self,
    ]
}
