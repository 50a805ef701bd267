import Engine
import Store

/// Makes coupons worth nothing. Those that were used are left alone and reported.
struct VoidCoupons: MutationRule {
    static let name = "coupons.void"

    private let desk: CouponDesk
    private let codes: InputField<[String]>
    private let reason: InputField<String>
    private let answer: ResultShape
    private let failure: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        codes = binder.input("codes")
        reason = binder.input("reason")
        answer = binder.output("coupons", "failures")
        failure = binder.result("CouponFailure", "subjectId", "code", "message")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let reason = call[reason]
        if reason.allSatisfy(\.isWhitespace) {
            throw call.refuse(.required, "A reason must be given.", at: "reason")
        }
        var voided: [RuleValue] = []
        var failures: [RuleValue] = []
        for code in call[codes] {
            try call.visit(1)
            guard let coupon = desk.known(code, call) else {
                failures.append(
                    failure.object(
                        .string(code), .string(RuleCode.couponNotFound.rawValue),
                        .string("There is no coupon with this code.")))
                continue
            }
            switch try desk.tryVoid(coupon, reason: reason, call) {
            case .success(let coupon): voided.append(.row(coupon))
            case .failure(let refusal):
                failures.append(
                    failure.object(
                        .string(code), .string(refusal.code.rawValue), .string(refusal.message)))
            }
        }
        call.answer(answer, .list(voided), .list(failures))
    }
}
