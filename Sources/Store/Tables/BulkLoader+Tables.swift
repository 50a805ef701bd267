/// What a load knows about one of its tables.
// Safe: `tails` has one element for each shard and belongs to this object.
@safe
final class TableLoad {
    let plan: TablePlan
    let pages: PageDraft
    let idColumn: Column
    /// The columns that must have a value from the beginning; references may come later.
    let requiredValues: [ColumnID]
    /// Whether there are required references at all.
    let hasOpenReferences: Bool
    let scratch: RowBuilder
    let tails: UnsafeMutablePointer<LoadTail>
    private let shardCount: Int
    private let shardByColumn: ColumnID?
    /// The table's record in the version's root.
    private let tableRecord: UnsafeMutableRawPointer
    private let writer: NodeWriter
    var ids = RowIDMap()
    var liveCount = 0
    var nextCreation: UInt64 = 1
    var hasRemovals = false

    init(_ plan: TablePlan, root: VersionRoot, writer: NodeWriter) {
        self.plan = plan
        self.writer = writer
        unsafe pages = PageDraft(
            root: root, table: plan.id, layout: plan.layout, writer: writer)
        idColumn = plan.layout.columns[TableDefinition.idColumn]
        let columns = plan.definition.columns
        requiredValues = plan.required.filter { column in
            if case .reference = columns[column].kind { return false }
            return true
        }
        hasOpenReferences = plan.references.contains { !columns[$0.column].isNullable }
        scratch = RowBuilder(plan.layout)
        shardByColumn = plan.definition.shardBy
        shardCount = unsafe root.shardCount
        unsafe tableRecord = root.tableRecord(plan.id)
        unsafe tails = .allocate(capacity: shardCount)
        unsafe tails.initialize(repeating: LoadTail(), count: shardCount)
    }

    deinit {
        for shard in 0..<shardCount {
            if let page = unsafe tails[shard].page { unsafe writer.retire(page) }
        }
        unsafe tails.deallocate()
    }

    /// Brings the table's record up to date, so that the draft can be read.
    @inline(__always)
    func record(slotEndOf shard: Int) {
        unsafe tableRecord.storeBytes(
            of: UInt32(truncatingIfNeeded: tails[shard].slotEnd),
            toByteOffset: TableRecord.slotEnd(shard), as: UInt32.self)
        unsafe tableRecord.storeBytes(
            of: liveCount, toByteOffset: TableRecord.liveCount, as: Int.self)
        unsafe tableRecord.storeBytes(
            of: nextCreation, toByteOffset: TableRecord.nextCreation, as: UInt64.self)
    }

    @inline(__always)
    func shard(of row: RowBuilder, idHash: UInt64, _ store: Store) -> Int {
        if let shardByColumn {
            let owner = row.reference(shardByColumn)
            if owner != .none { return owner.shard(shardBits: store.shardBits) }
        }
        return store.shard(ofIDHash: idHash)
    }
}

/// The end of a shard during a load.
@unsafe
struct LoadTail {
    /// A block with room; in use while `isOpen`, else waiting for the next page.
    var page: UnsafeMutableRawPointer?
    var byteCount = 0
    var isOpen = false
    var slotEnd = 0
    var lastCreation: UInt32 = 0

    init() {}

    init(page: UnsafeMutableRawPointer, byteCount: Int, isOpen: Bool, like other: LoadTail) {
        unsafe self = unsafe other
        unsafe self.page = unsafe page
        unsafe self.byteCount = byteCount
        unsafe self.isOpen = isOpen
    }
}

/// From the hash of an id to the row, by open addressing: 8 bytes a place, at most half of them
/// taken. A place holds the upper half of the hash, which also says where to look, over the row.
struct RowIDMap {
    private var places: [UInt64]
    private var bits = 10
    /// Places that are taken or were.
    private var count = 0

    private static let free = UInt64.max
    /// A place that was given back: a search goes on behind it. No row has this place.
    private static let left: UInt64 = 0xFFFF_FFFE_FFFF_FFFF

    init() {
        places = Array(repeating: RowIDMap.free, count: 1 << bits)
    }

    /// The row among those with that hash for which `isMatch` is true.
    @inline(__always)
    func first(hash: UInt64, where isMatch: (RowRef) -> Bool) -> RowRef? {
        var index = start(hash)
        while places[index] != RowIDMap.free {
            let place = places[index]
            if place &>> 32 == hash &>> 32 && place != RowIDMap.left {
                let ref = RowRef(rawValue: UInt32(truncatingIfNeeded: place))
                if isMatch(ref) { return ref }
            }
            index = next(index)
        }
        return nil
    }

    /// Adds a row that is not there yet.
    mutating func insert(_ ref: RowRef, hash: UInt64) {
        if 2 * (count + 1) > places.count { grow() }
        count += 1
        put(hash & RowIDMap.upperHalf | ref.word)
    }

    mutating func remove(_ ref: RowRef, hash: UInt64) {
        let place = hash & RowIDMap.upperHalf | ref.word
        var index = start(hash)
        while places[index] != RowIDMap.free {
            if places[index] == place {
                places[index] = RowIDMap.left
                return
            }
            index = next(index)
        }
    }

    private static let upperHalf: UInt64 = 0xFFFF_FFFF_0000_0000

    @inline(__always)
    private func start(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash &>> UInt64(truncatingIfNeeded: 64 &- bits))
    }

    @inline(__always)
    private func next(_ index: Int) -> Int {
        (index &+ 1) & (places.count &- 1)
    }

    @inline(__always)
    private mutating func put(_ place: UInt64) {
        var index = start(place)
        while places[index] != RowIDMap.free { index = next(index) }
        places[index] = place
    }

    private mutating func grow() {
        let old = places
        bits += 1
        precondition(bits <= 32, "more ids than a table's rows can be")
        places = Array(repeating: RowIDMap.free, count: 1 << bits)
        for place in old where place != RowIDMap.free && place != RowIDMap.left { put(place) }
    }
}
