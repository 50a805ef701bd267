import Engine
import Store

/// One coupon for each of several members, or some for anybody.
///
/// A member who may not have one stands in nobody's way: each is answered for itself.
struct IssueCoupons: MutationRule {
    static let name = "coupons.issue"

    /// Coupons that one call makes at most: a larger campaign is several calls.
    static let countMax = 10_000

    private let desk: CouponDesk
    private let campaigns: RuleTable
    private let segments: SegmentDesk
    private let template: InputField<String>
    private let memberIDs: InputField<[String]?>
    private let segment: InputField<String?>
    private let count: InputField<Int?>
    private let codes: InputField<[String]?>
    private let campaign: InputField<String?>
    private let answer: ResultShape
    private let failure: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        campaigns = binder.table("Campaign").table
        segments = binder.shared()
        template = binder.input("templateId")
        memberIDs = binder.input("memberIds")
        segment = binder.input("segmentId")
        count = binder.input("count")
        codes = binder.input("codes")
        campaign = binder.input("campaignId")
        answer = binder.output("coupons", "failures", "template")
        failure = binder.result("CouponFailure", "subjectId", "code", "message")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let template = try call.row(call[template], in: desk.templates.table, at: "templateId")
        _ = try desk.rules(template, at: "templateId", call)
        var campaign: RowRef?
        if let id = call[self.campaign] {
            campaign = try call.row(id, in: campaigns, at: "campaignId")
        }
        let ids = try receivers(call)
        let codes = call[codes] ?? []
        if !codes.isEmpty && codes.count != ids.count {
            throw call.refuse(
                .invalid, "\(ids.count) coupons need as many codes, not \(codes.count).",
                at: "codes")
        }
        call.audit(desk.templates.table, template)
        var issued: [RuleValue] = []
        var failures: [RuleValue] = []
        for (place, id) in ids.enumerated() {
            try call.visit(1)
            var member: RowRef?
            if let id {
                do throws(CouponFailure) {
                    member = try taker(id, call)
                } catch {
                    failures.append(failed(id, error.code, error.message))
                    continue
                }
            }
            let result = try desk.tryIssue(
                template: template, member: member, campaign: campaign,
                code: codes.isEmpty ? nil : codes[place], call)
            switch result {
            case .success(let coupon): issued.append(.row(coupon))
            case .failure(let refusal):
                // For nobody in particular it is all or nothing.
                guard let id else { throw call.refuse(refusal, at: "templateId") }
                failures.append(failed(id, refusal.code, refusal.message))
            }
        }
        call.answer(answer, .list(issued), .list(failures), .row(template))
    }

    /// The ids of those who are to get one; nil for nobody in particular.
    private func receivers(_ call: RuleCall) throws(MutationStop) -> [String?] {
        let (members, segment, count) = (call[memberIDs], call[segment], call[count])
        let ways = [members != nil, segment != nil, count != nil].filter { $0 }.count
        guard ways == 1 else {
            throw call.refuse(
                .required, "One of memberIds, segmentId and count says who gets a coupon.",
                at: "memberIds")
        }
        var ids: [String?] = []
        if let members { ids = members }
        if let segment {
            let ref = try call.row(segment, in: segments.segments.table, at: "segmentId")
            let table = desk.members.members.table
            ids = segments.members(of: ref, call.data).filter { call.isOpen(table, $0) }.map {
                call.data.id($0, of: table)
            }
        }
        if let count {
            guard count > 0 else {
                throw call.refuse(
                    .nonPositiveAmount, "There is nothing to issue.", at: "count")
            }
            ids = Array(repeating: nil, count: min(count, Self.countMax + 1))
        }
        guard ids.count <= Self.countMax else {
            throw call.refuse(
                .invalid, "No more than \(Self.countMax) coupons are issued at once.",
                at: count == nil ? "memberIds" : "count")
        }
        return ids
    }

    /// Why one of many gets none.
    private struct CouponFailure: Error {
        let code: RuleCode
        let message: String
    }

    private func taker(_ id: String, _ call: RuleCall) throws(CouponFailure) -> RowRef {
        let table = desk.members.members.table
        guard let member = call.data.ref(id: id, in: table) else {
            throw CouponFailure(code: .notFound, message: "There is no member \(id).")
        }
        do throws(MemberRefusal) {
            try desk.members.standing(member, call.data).check(.takePart)
        } catch {
            throw CouponFailure(
                code: error.code, message: desk.members.message(error, member, call.data))
        }
        return member
    }

    private func failed(_ id: String, _ code: RuleCode, _ message: String) -> RuleValue {
        failure.object(.string(id), .string(code.rawValue), .string(message))
    }
}
