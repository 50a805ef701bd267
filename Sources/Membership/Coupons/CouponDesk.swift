import Engine
import Store

/// Where other subjects ask for coupons: issuing, using, giving back, voiding.
struct CouponDesk: BoundTables {
    let templates: CouponTemplateTable
    let coupons: CouponTable
    let members: MemberDesk
    let calendars: ChapterCalendars

    init(_ binder: RuleBinder) {
        templates = binder.shared()
        coupons = binder.shared()
        members = binder.shared()
        calendars = binder.shared()
    }

    // MARK: Finding

    /// The coupon of a code as people type it.
    /// - Throws: `COUPON_NOT_FOUND`.
    func find(_ code: String, at field: String, _ call: RuleCall) throws(MutationStop) -> RowRef {
        if let ref = known(code, call) { return ref }
        throw call.refuse(.couponNotFound, "There is no coupon with this code.", at: field)
    }

    /// The coupon of a code. One that belongs to a member whose coupons the viewer may not see is
    /// like none; one that belongs to nobody is for whoever has its code.
    func known(_ code: String, _ call: RuleCall) -> RowRef? {
        let text = CouponCode.normalized(code)
        guard let ref = call.data.find(coupons.byCode, .text(text)) else { return nil }
        let isBearers = call.data.row(coupons.table, ref)[coupons.member] == nil
        return isBearers || call.isOpen(coupons.table, ref) ? ref : nil
    }

    func rules(
        _ template: RowRef, at field: String, _ call: RuleCall
    ) throws(MutationStop) -> CouponTemplate {
        if let rules = templates.rules(template, call.data) { return rules }
        throw call.refuse(CouponRefusal.templateIncomplete, at: field)
    }

    // MARK: Issuing

    /// A coupon for a member, or for nobody in particular.
    ///
    /// - Parameters:
    ///   - code: when another system made it; else an unguessable one.
    ///   - field: of the input, for the error's path.
    /// - Throws: `COUPON_LIMIT_REACHED`, `COUPON_EXPIRED`, `INVALID` for a template that lacks what
    ///   its kind needs, `UNIQUE_VIOLATION` for a code that was given before.
    func issue(
        template: RowRef, member: RowRef?, campaign: RowRef? = nil, code: String? = nil,
        at field: String = "templateId", _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        switch try tryIssue(
            template: template, member: member, campaign: campaign, code: code, call)
        {
        case .success(let coupon): return coupon
        case .failure(let refusal): throw call.refuse(refusal, at: field)
        }
    }

    /// As ``issue(template:member:campaign:code:at:_:)``, where a refusal concerns one of many.
    func tryIssue(
        template: RowRef, member: RowRef?, campaign: RowRef?, code: String? = nil,
        _ call: RuleCall
    ) throws(MutationStop) -> Result<RowRef, CouponRefusal> {
        guard let rules = templates.rules(template, call.data) else {
            return .failure(.templateIncomplete)
        }
        let made: Coupon
        do throws(CouponRefusal) {
            made = try rules.issue(
                to: member.map { Int64($0.rawValue) },
                ownCount: member.map { count(of: $0, template, call.data) } ?? 0, at: call.now,
                in: calendar(of: member, call.data))
        } catch {
            return .failure(error)
        }
        let text = try newCode(code, call)
        let coupon = try call.insert(coupons.table) { row in
            row[coupons.code] = text
            row[coupons.template] = template
            row[coupons.member] = member
            row[coupons.status] = made.stored
            row[coupons.issuedAt] = call.now
            row[coupons.validFrom] = made.validFrom
            row[coupons.validTo] = made.validTo
            row[coupons.campaign] = campaign
            row[coupons.changesAt] = made.nextChange(after: call.now)
        }
        try call.update(templates.table, template) { row in
            row[templates.issuedCount] = rules.issuedCount + 1
        }
        call.auditNew(coupons.table, coupon)
        if let member {
            try members.note(
                .couponIssued, of: member, at: call.now,
                subjectID: call.data.id(coupon, of: coupons.table), call)
        }
        return .success(coupon)
    }

    /// Coupons of a kind that a member has had, voided ones not counted.
    private func count(of member: RowRef, _ template: RowRef, _ data: DataView) -> Int {
        var count = 0
        data.forEach(coupons.ofTemplateAndMember, .row(template), .row(member)) { _, row in
            if row[coupons.status] != .voided { count += 1 }
            return true
        }
        return count
    }

    private func calendar(of member: RowRef?, _ data: DataView) -> LocalCalendar {
        guard let member else { return .utc }
        let home = data.row(members.members.table, member)[members.members.homeChapter]
        return calendars.calendar(of: home, data)
    }

    private func newCode(_ given: String?, _ call: RuleCall) throws(MutationStop) -> String {
        if let given {
            let text = CouponCode.normalized(given)
            if text.isEmpty { throw call.refuse(.invalid, "The code is empty.", at: "codes") }
            if call.data.find(coupons.byCode, .text(text)) != nil {
                throw call.refuse(
                    .uniqueViolation, "There is a coupon with the code \(text).", at: "codes")
            }
            return text
        }
        return CouponCode.random { call.data.find(coupons.byCode, .text($0)) == nil }
    }

    // MARK: Using

    /// Uses a coupon up for an order that is not paid yet.
    ///
    /// - Parameters:
    ///   - key: that of the reservation, where there is one.
    ///   - subtotal: what the order comes to before coupons.
    ///   - others: the coupons that the order has used already.
    /// - Throws: every `COUPON_…` code but `COUPON_NOT_FOUND`.
    func redeem(
        _ coupon: RowRef, member: RowRef?, key: String?, order: RowRef, subtotal: Amount,
        others: [RowRef], at field: String, _ call: RuleCall
    ) throws(MutationStop) {
        let data = call.data
        let template = data.row(coupons.table, coupon)[coupons.template]
        let rules = try rules(template, at: field, call)
        var used = coupons.coupon(coupon, data)
        let stackable = others.map {
            let other = data.row(coupons.table, $0)[coupons.template]
            return data.row(templates.table, other)[templates.stackable]
        }
        try call.attempt(at: field) { () throws(CouponRefusal) in
            try used.redeem(
                member: member.map { Int64($0.rawValue) }, key: key,
                order: Int64(order.rawValue), at: call.now)
            try rules.check(subtotal, otherStackable: stackable)
        }
        call.audit(coupons.table, coupon)
        try coupons.save(used, as: coupon, order: order, call)
        try count(template, redeemed: 1, call)
        if let member {
            try members.note(
                .couponRedeemed, of: member, at: call.now,
                subjectID: call.data.id(coupon, of: coupons.table), call)
        }
    }

    /// Gives a used coupon back: I28, the only way out of REDEEMED.
    func rollBack(
        _ coupon: RowRef, reason: String, at field: String, _ call: RuleCall
    ) throws(MutationStop) {
        var used = coupons.coupon(coupon, call.data)
        try call.attempt(at: field) { () throws(CouponRefusal) in try used.rollBack() }
        used.settle(at: call.now)
        call.audit(coupons.table, coupon)
        let template = call.data.row(coupons.table, coupon)[coupons.template]
        try coupons.save(used, as: coupon, order: nil, reason: reason, call)
        try count(template, redeemed: -1, call)
    }

    private func count(
        _ template: RowRef, issued: Int = 0, redeemed: Int = 0, _ call: RuleCall
    ) throws(MutationStop) {
        let row = call.data.row(templates.table, template)
        let counts = (row[templates.issuedCount] + issued, row[templates.redeemedCount] + redeemed)
        try call.update(templates.table, template) { row in
            row[templates.issuedCount] = max(counts.0, 0)
            row[templates.redeemedCount] = max(counts.1, 0)
        }
    }

    /// The coupons used for an order, in the order of their use.
    func used(for order: RowRef, _ data: DataView) -> [RowRef] {
        data.rows(coupons.ofOrder, .row(order))
    }

    /// By how much an order's coupons reduce its subtotal.
    func reduction(of subtotal: Int64, _ used: [RowRef], _ data: DataView) -> Int64 {
        let rules = used.compactMap {
            templates.rules(data.row(coupons.table, $0)[coupons.template], data)
        }
        return CouponTemplate.reductions(of: subtotal, rules).reduce(0, +)
    }

    /// Lets go of the coupons that a checkout had reserved.
    func release(member: RowRef, key: String, _ call: RuleCall) throws(MutationStop) {
        let kept = call.data.rows(
            coupons.ofMemberByStatus, .row(member), coupons.status.part(.reserved))
        for ref in kept {
            var coupon = coupons.coupon(ref, call.data)
            guard coupon.reservationKey == key else { continue }
            coupon.release(at: call.now)
            try coupons.save(coupon, as: ref, order: nil, call)
        }
    }

    // MARK: Voiding

    /// Makes a coupon worth nothing.
    /// - Throws: `INVALID_TRANSITION` unless it is issued or reserved.
    func void(
        _ coupon: RowRef, reason: String, at field: String = "codes", _ call: RuleCall
    ) throws(MutationStop) {
        if case .failure(let refusal) = try tryVoid(coupon, reason: reason, call) {
            throw call.refuse(refusal, at: field)
        }
    }

    /// As ``void(_:reason:at:_:)``, where a refusal concerns one of many.
    func tryVoid(
        _ coupon: RowRef, reason: String, _ call: RuleCall
    ) throws(MutationStop) -> Result<RowRef, CouponRefusal> {
        var voided = coupons.coupon(coupon, call.data)
        do throws(CouponRefusal) {
            try voided.void(at: call.now)
        } catch {
            return .failure(error)
        }
        call.audit(coupons.table, coupon)
        let template = call.data.row(coupons.table, coupon)[coupons.template]
        try coupons.save(voided, as: coupon, order: nil, reason: reason, call)
        try count(template, issued: -1, call)
        return .success(coupon)
    }

    /// Voids whatever a member could still use: somebody who leaves for good.
    func voidAll(of member: RowRef, reason: String, _ call: RuleCall) throws(MutationStop) {
        for status in [CouponStatus.issued, .reserved] {
            let open = call.data.rows(
                coupons.ofMemberByStatus, .row(member), coupons.status.part(status))
            for coupon in open { try void(coupon, reason: reason, call) }
        }
    }

    /// Writes down what the clock already says of a coupon.
    func settle(_ coupon: RowRef, _ call: RuleCall) throws(MutationStop) {
        var settled = coupons.coupon(coupon, call.data)
        let order = call.data.row(coupons.table, coupon)[coupons.order]
        settled.settle(at: call.now)
        try coupons.save(settled, as: coupon, order: order, call)
    }
}
