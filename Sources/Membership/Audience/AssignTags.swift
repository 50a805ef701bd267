import Engine
import Store

/// The members and tags that an input names, each once.
struct TagSelection {
    /// As many members as one transaction takes in a fraction of a second.
    static let membersMax = 10_000
    static let tagsMax = 100

    var members: [RowRef] = []
    var tags: [RowRef] = []
}

/// Reads such inputs.
struct TagDesk: BoundTables {
    let desk: MemberDesk
    let tags: TagTable
    let worn: MemberTagTable
    private let staff: RuleTable
    private let role: EnumField<StaffRole>

    init(_ binder: RuleBinder) {
        let staff = binder.table("Staff")
        self.staff = staff.table
        role = staff("role")
        desk = binder.shared()
        tags = binder.shared()
        worn = binder.shared()
    }

    /// - Parameter creates: whether tags that are not known yet are made.
    func select(
        _ memberIDs: [String], _ keys: [String], creates: Bool, _ call: RuleCall
    ) throws(MutationStop) -> TagSelection {
        if memberIDs.count > TagSelection.membersMax {
            throw call.refuse(
                RuleCode.tooLong.code, "At most \(TagSelection.membersMax) members at once.",
                at: "memberIds")
        }
        if keys.count > TagSelection.tagsMax {
            throw call.refuse(
                RuleCode.tooLong.code, "At most \(TagSelection.tagsMax) tags at once.",
                at: "tagKeys")
        }
        var selection = TagSelection()
        var seen: Set<RowRef> = []
        let data = call.data
        for (place, id) in memberIDs.enumerated() {
            let path = ["memberIds", String(place)]
            guard let member = data.ref(id: id, in: desk.members.table) else {
                call.note(
                    RuleCode.notFound.code, "No member has the id \(JSONMembers.quoted(id)).",
                    path: path)
                continue
            }
            do throws(MemberRefusal) {
                try desk.standing(member, data).check(.edit)
            } catch {
                call.note(error.code.code, desk.message(error, member, data), path: path)
            }
            if seen.insert(member).inserted { selection.members.append(member) }
        }
        var new: [String] = []
        for (place, key) in keys.enumerated() {
            if let tag = data.find(tags.byKey, .text(key)) {
                if !selection.tags.contains(tag) { selection.tags.append(tag) }
            } else if !creates {
                call.note(
                    RuleCode.notFound.code, "No tag has the key \(JSONMembers.quoted(key)).",
                    path: ["tagKeys", String(place)])
            } else if !(1...64).contains(key.unicodeScalars.count) {
                call.note(
                    RuleCode.invalid.code, "A tag's key has 1 to 64 characters.",
                    path: ["tagKeys", String(place)])
            } else if !new.contains(key) {
                new.append(key)
            }
        }
        try call.throwIfRefused()
        if !new.isEmpty && !mayCreate(call) {
            throw call.forbid("New tags are made by marketers.")
        }
        for key in new {
            let tag = try call.insert(tags.table) { row in
                row[tags.key] = key
                row[tags.name] = key
            }
            call.auditNew(tags.table, tag)
            selection.tags.append(tag)
        }
        return selection
    }

    /// Of the staff, those who plan campaigns may.
    private func mayCreate(_ call: RuleCall) -> Bool {
        guard call.viewer.role == "staff" else { return true }
        let data = call.data.unguarded
        guard let id = call.viewer.staffID, let ref = data.ref(id: id, in: staff) else {
            return false
        }
        return data.row(staff, ref)[role] == .marketer
    }
}

/// Puts tags on members; twice is once, with the later end.
struct AssignTags: MutationRule {
    static let name = "tags.assign"

    private let members: InputField<[String]>
    private let keys: InputField<[String]>
    private let source: InputField<TagSource>
    private let expiresAt: InputField<Int64?>
    private let creates: InputField<Bool>
    private let tags: TagDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        members = binder.input("memberIds")
        keys = binder.input("tagKeys")
        source = binder.input("source")
        expiresAt = binder.input("expiresAt")
        creates = binder.input("create")
        tags = binder.shared()
        payload = binder.output("processed")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let end = call[expiresAt]
        if let end, end <= call.now {
            throw call.refuse(
                RuleCode.invalid.code, "The tags would have run out already.", at: "expiresAt")
        }
        let selection = try tags.select(
            call[members], call[keys], creates: call[creates], call)
        let worn = tags.worn
        var processed = 0
        for member in selection.members {
            var isNew = false
            for tag in selection.tags {
                if let known = call.data.find(worn.byPair, .row(member), .row(tag)) {
                    call.audit(worn.table, known)
                    try call.update(worn.table, known, isPatch: true) { row in
                        row[worn.expiresAt] = end
                    }
                    continue
                }
                isNew = true
                let added = try call.insert(worn.table) { row in
                    row[worn.member] = member
                    row[worn.tag] = tag
                    row[worn.source] = call[source]
                    row[worn.assignedAt] = call.now
                    row[worn.expiresAt] = end
                }
                call.auditNew(worn.table, added)
            }
            if isNew { processed += 1 }
            try call.visit(1)
        }
        call.answer(payload, .int(processed))
    }
}

/// Takes tags off members.
struct RemoveTags: MutationRule {
    static let name = "tags.remove"

    private let members: InputField<[String]>
    private let keys: InputField<[String]>
    private let tags: TagDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        members = binder.input("memberIds")
        keys = binder.input("tagKeys")
        tags = binder.shared()
        payload = binder.output("processed")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let selection = try tags.select(call[members], call[keys], creates: false, call)
        var processed = 0
        for member in selection.members {
            var isGone = false
            for tag in selection.tags {
                guard let known = call.data.find(tags.worn.byPair, .row(member), .row(tag)) else {
                    continue
                }
                try call.delete(tags.worn.table, known)
                isGone = true
            }
            if isGone { processed += 1 }
            try call.visit(1)
        }
        call.answer(payload, .int(processed))
    }
}
