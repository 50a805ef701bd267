import Engine
import Store

/// The fields of an event as clients give them: all of them, or some.
struct EventInput: Sendable {
    let theme: InputField<String?>
    let venue: InputField<String?>
    let audience: InputField<String?>
    let minTier: InputField<String?>
    let fee: InputField<Amount?>
    let memberFee: InputField<Amount?>
    let capacity: InputField<Int?>
    let waitlistEnabled: InputField<Bool?>
    let offerHours: InputField<Int?>
    let paymentHours: InputField<Int?>
    let requiresApproval: InputField<Bool?>
    let cancelUntil: InputField<Int64?>
    let allowReentry: InputField<Bool?>
    private let events: EventTable
    private let segments: RuleTable
    private let tiers: RuleTable

    init(_ binder: RuleBinder) {
        events = binder.shared()
        segments = binder.table("Segment").table
        tiers = binder.table("Tier").table
        theme = binder.input("theme")
        venue = binder.input("venue")
        audience = binder.input("audienceSegmentId")
        minTier = binder.input("minTierId")
        fee = binder.input("fee")
        memberFee = binder.input("memberFee")
        capacity = binder.input("capacity")
        waitlistEnabled = binder.input("waitlistEnabled")
        offerHours = binder.input("offerHours")
        paymentHours = binder.input("paymentHours")
        requiresApproval = binder.input("requiresApproval")
        cancelUntil = binder.input("cancelUntil")
        allowReentry = binder.input("allowReentry")
    }

    /// The rows that an input names.
    struct Links {
        var audience: RowRef?
        var minTier: RowRef?
    }

    /// Checks everything that can be said of a field by itself, and notes all that is wrong.
    /// - Throws: `NOT_FOUND` for the first unknown row.
    func check(_ call: RuleCall) throws(MutationStop) -> Links {
        var links = Links()
        if let id = call[audience] {
            links.audience = try call.row(id, in: segments, at: "audienceSegmentId")
        }
        if let id = call[minTier] { links.minTier = try call.row(id, in: tiers, at: "minTierId") }
        for (field, fee) in [("fee", call[fee]), ("memberFee", call[memberFee])] {
            guard let fee, fee.minor < 0 || Exact.checked(fee.minor) == nil else { continue }
            call.note(.invalid, "A fee is not below zero, as \(fee.minor) is.", at: field)
        }
        if let fee = call[fee], let memberFee = call[memberFee], fee.currency != memberFee.currency
        {
            call.note(
                .currencyMismatch,
                "The fees are in \(fee.currency) and in \(memberFee.currency).", at: "memberFee")
        }
        if let capacity = call[capacity], capacity < 0 {
            call.note(EventRefusal.seatCount(capacity), at: "capacity")
        }
        if let hours = call[offerHours], !(0...100_000 ~= hours) {
            call.note(.invalid, "A seat is offered for 0 to 100000 hours.", at: "offerHours")
        }
        if let hours = call[paymentHours], !(1...100_000 ~= hours) {
            call.note(.invalid, "A payment is waited for 1 to 100000 hours.", at: "paymentHours")
        }
        return links
    }

    /// Sets what was given; null clears a field, and leaves one alone that is never null.
    func set(_ row: RowBuilder, _ links: Links, _ call: RuleCall) {
        if call.isGiven(theme) { row[events.theme] = call[theme] }
        if call.isGiven(venue) { row[events.venue] = call[venue] }
        if call.isGiven(audience) { row[events.audience] = links.audience }
        if call.isGiven(minTier) { row[events.minTier] = links.minTier }
        if call.isGiven(fee) { row[events.fee] = call[fee] }
        if call.isGiven(memberFee) { row[events.memberFee] = call[memberFee] }
        if let value = call[waitlistEnabled] { row[events.waitlistEnabled] = value }
        if let value = call[offerHours] { row[events.offerHours] = value }
        if call.isGiven(paymentHours) { row[events.paymentHours] = call[paymentHours] }
        if let value = call[requiresApproval] { row[events.requiresApproval] = value }
        if call.isGiven(cancelUntil) { row[events.cancelUntil] = call[cancelUntil] }
        if let value = call[allowReentry] { row[events.allowReentry] = value }
    }
}
