import Engine
import Store

/// Makes or changes a segment, and fills it.
struct SaveSegment: MutationRule {
    static let name = "segments.save"

    private static let membersMax = 100_000

    private let id: InputField<String?>
    private let name: InputField<String>
    private let kind: InputField<SegmentKind>
    private let rule: InputField<JSONDocument?>
    private let members: InputField<[String]?>
    private let desk: SegmentDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        id = binder.input("id")
        name = binder.input("name")
        kind = binder.input("kind")
        rule = binder.input("rule")
        members = binder.input("memberIds")
        desk = binder.shared()
        payload = binder.output("segment")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let segments = desk.segments
        var known: RowRef?
        if let id = call[id] { known = try call.row(id, in: segments.table, at: "id") }
        let name = Identity.trimmed(call[name])
        check(name, for: known, call)
        try requireOpen(known, call)
        let rule = try call[rule].map { given throws(MutationStop) in try scoped(given, call) }
        let wanted: [RowRef]
        switch call[kind] {
        case .static: wanted = listed(call)
        case .dynamic: wanted = found(by: rule, for: known, named: name, call)
        }
        try call.throwIfRefused()
        let segment: RowRef
        func set(_ row: RowBuilder) {
            row[segments.name] = name
            row[segments.kind] = call[kind]
            row[segments.rule] = rule
        }
        if let known {
            call.audit(segments.table, known)
            try call.update(segments.table, known, isPatch: true, set)
            segment = known
        } else {
            segment = try call.insert(segments.table, set)
            call.auditNew(segments.table, segment)
        }
        try desk.fill(segment, with: wanted, call)
        call.answer(payload, .row(segment))
    }

    /// A segment with members whom the viewer may not see is not the viewer's to change.
    private func requireOpen(_ segment: RowRef?, _ call: RuleCall) throws(MutationStop) {
        let table = desk.members.table
        guard let segment, call.isGuarded(table) else { return }
        for member in desk.members(of: segment, call.data) where !call.isOpen(table, member) {
            throw call.forbid("The segment has members who are not open to this role.")
        }
    }

    /// A rule as it is kept: filled anew each night for nobody in particular, it must not find more
    /// members than whoever wrote it may see.
    private func scoped(
        _ rule: JSONDocument, _ call: RuleCall
    ) throws(MutationStop) -> JSONDocument {
        guard call.isGuarded(desk.members.table) else { return rule }
        guard let chapter = call.viewer.chapterID.map(JSONMembers.quoted) else {
            throw call.forbid("A segment belongs to a chapter of this role.")
        }
        let home =
            call.viewer.role == "manager"
            ? #"{"within":\#(chapter)}"# : #"{"id":{"eq":\#(chapter)}}"#
        let start = #"{"and":[{"homeChapter":\#(home)},"#
        return rule.text.hasPrefix(start) ? rule : JSONDocument("\(start)\(rule.text)]}")
    }

    private func check(_ name: String, for known: RowRef?, _ call: RuleCall) {
        if name.isEmpty {
            call.note(RuleCode.required.code, "A name must be given.", at: "name")
        }
        if name.unicodeScalars.count > 128 {
            call.note(RuleCode.tooLong.code, "A name has at most 128 characters.", at: "name")
        }
        if let other = call.data.find(desk.segments.byName, .text(name)), other != known {
            call.note(
                RuleCode.uniqueViolation.code, "Another segment has this name.", at: "name")
        }
    }

    private func listed(_ call: RuleCall) -> [RowRef] {
        if call[rule] != nil {
            call.note(RuleCode.invalid.code, "A static segment has no rule.", at: "rule")
        }
        guard let ids = call[members] else {
            call.note(
                RuleCode.required.code, "A static segment has a list of members.",
                at: "memberIds")
            return []
        }
        if ids.count > Self.membersMax {
            call.note(
                RuleCode.tooLong.code, "At most \(Self.membersMax) members at once.",
                at: "memberIds")
            return []
        }
        var listed: [RowRef] = []
        var seen: Set<RowRef> = []
        for (place, id) in ids.enumerated() {
            guard let member = call.data.ref(id: id, in: desk.members.table),
                desk.isEligible(member, call.data)
            else {
                call.note(
                    RuleCode.notFound.code, "No member has the id \(JSONMembers.quoted(id)).",
                    path: ["memberIds", String(place)])
                continue
            }
            if seen.insert(member).inserted { listed.append(member) }
        }
        return listed
    }

    private func found(
        by rule: JSONDocument?, for known: RowRef?, named name: String, _ call: RuleCall
    ) -> [RowRef] {
        if call[members] != nil {
            call.note(
                RuleCode.invalid.code, "The rule of a dynamic segment finds its members.",
                at: "memberIds")
        }
        guard let rule else {
            call.note(RuleCode.required.code, "A dynamic segment has a rule.", at: "rule")
            return []
        }
        if let fault = desk.fault(of: rule.text, for: known, named: name, call.data) {
            call.note(RuleCode.segmentRuleInvalid.code, fault, at: "rule")
            return []
        }
        return (try? desk.found(by: rule.text, call.data)) ?? []
    }
}

/// Whom a filter finds, before it is saved.
struct PreviewSegment: FieldRule {
    static let name = "segments.preview"

    /// As many as fit on a page.
    private static let sampleCount = 10

    private let rule: InputField<JSONDocument>
    private let desk: SegmentDesk
    private let preview: ResultShape

    init(_ binder: RuleBinder) {
        rule = binder.input("rule")
        desk = binder.shared()
        preview = binder.output("count", "sample")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let found: [RowRef]
        do throws(FilterFault) {
            found = try desk.found(by: read[rule].text, read.data)
        } catch {
            throw .refused(error.message)
        }
        try read.visit(found.count)
        return preview.object(
            .int(found.count), .rows(Array(found.prefix(Self.sampleCount))))
    }
}
