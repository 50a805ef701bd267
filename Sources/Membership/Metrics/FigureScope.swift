import Engine
import Store

/// Of whom figures are told.
struct FigureScope {
    /// The members: those who were merged or erased, and prospects, are never among them.
    let members: RowSets
    /// The chapters whose orders and events count; all of them when nil.
    let chapters: RowSets?
    /// Whether members are chosen by more than their chapter.
    let isSelection: Bool
    let calendar: LocalCalendar

    /// Whether an order counts: by where it was placed, or, of chosen members, by who placed it.
    func counts(orderAt chapter: RowRef, by member: RowRef?) -> Bool {
        if isSelection {
            guard let member, members.contains(member) else { return false }
        }
        return chapters?.contains(chapter) ?? true
    }
}

/// Finds out of whom figures are told.
struct ScopeDesk: BoundTables {
    let members: MemberTable
    let chapters: RuleTable
    let currency: RowField<String>
    private let children: RuleIndex
    private let calendars: ChapterCalendars
    let segments: RuleTable
    private let segmentMembers: RuleTable
    private let segmentMember: RowField<RowRef>
    private let ofSegment: RuleIndex

    init(_ binder: RuleBinder) {
        members = binder.shared()
        calendars = binder.shared()
        let chapter = binder.table("Chapter")
        chapters = chapter.table
        currency = chapter("currency")
        children = chapter.index(["parent"], ordered: "name")
        segments = binder.table("Segment").table
        let row = binder.table("SegmentMember")
        segmentMembers = row.table
        segmentMember = row("member")
        ofSegment = row.index(["segment"])
    }

    /// Who is meant: all of those that every choice given allows, and whom the viewer may see.
    ///
    /// - Parameter isOfViewer: false for what all members are measured by, whoever asks.
    func scope(
        chapter: RowRef? = nil, includeDescendants: Bool = true, segment: RowRef? = nil,
        tier: RowRef? = nil, isOfViewer: Bool = true, _ read: FieldRead
    ) throws(FieldStop) -> FigureScope {
        let data = read.data
        let isGuarded = isOfViewer && data.isGuarded(members.table)
        var places = try chapter.map { root throws(FieldStop) in
            try subtree(of: root, includeDescendants, read)
        }
        if isGuarded { places = try open(places, read) }
        var listed: RowSets?
        if let segment {
            var rows = RowSets(of: members.table, data)
            data.forEach(ofSegment, .row(segment)) { _, row in
                rows.insert(row[segmentMember])
                return true
            }
            listed = rows
        }
        var found = RowSets(of: members.table, data)
        try read.walk(members.table) { ref, row in
            guard isCounted(row[members.status]) else { return }
            if let places, !places.contains(row[members.homeChapter]) { return }
            if let listed, !listed.contains(ref) { return }
            if let tier, row[members.tier] != tier { return }
            if isGuarded && !data.isOpen(members.table, ref) { return }
            found.insert(ref)
        }
        let home = chapter ?? umbrella(data)
        return FigureScope(
            members: found, chapters: places, isSelection: segment != nil || tier != nil,
            calendar: home.map { calendars.calendar(of: $0, data) } ?? .utc)
    }

    /// Of some chapters, or of all, those at and below the viewer's own.
    private func open(_ places: RowSets?, _ read: FieldRead) throws(FieldStop) -> RowSets {
        let own = read.data.viewer?.chapterID.flatMap {
            read.data.unguarded.ref(id: $0, in: chapters)
        }
        guard let own else { return RowSets(of: chapters, read.data) }
        let below = try subtree(of: own, true, read)
        guard let places else { return below }
        var both = RowSets(of: chapters, read.data)
        try read.walk(chapters) { ref, _ in
            if places.contains(ref) && below.contains(ref) { both.insert(ref) }
        }
        return both
    }

    /// A chapter and those below it.
    func subtree(
        of root: RowRef, _ includeDescendants: Bool, _ read: FieldRead
    ) throws(FieldStop) -> RowSets {
        var found = RowSets(of: chapters, read.data)
        var open = [root]
        while let chapter = open.popLast() {
            guard found.insert(chapter), includeDescendants else { continue }
            let below = read.data.rows(children, .row(chapter))
            try read.visit(below.count)
            open += below
        }
        return found
    }

    /// The first chapter that has none above it.
    func umbrella(_ data: DataView) -> RowRef? {
        data.rows(children, .null, limit: 1).first
    }

    /// The days of the umbrella, for what belongs to no chapter.
    func calendar(_ data: DataView) -> LocalCalendar {
        umbrella(data).map { calendars.calendar(of: $0, data) } ?? .utc
    }

    func isCounted(_ status: MemberStatus) -> Bool {
        switch status {
        case .active, .suspended: true
        case .prospect, .merged, .erased: false
        }
    }
}
