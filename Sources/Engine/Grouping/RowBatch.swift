import Store

/// Up to 64 rows of one table that are worked on together.
protocol RowBatch {
    var count: Int { get }
    func row(_ index: Int) -> RowView
    /// False when all rows surely have a value in the column.
    func mayHaveNulls(_ column: Column) -> Bool
}

/// All 64 rows of a page.
struct FullPageBatch: RowBatch {
    let page: PageView

    @inline(__always)
    var count: Int { 64 }

    @inline(__always)
    func row(_ index: Int) -> RowView { page.row(lane: index) }

    @inline(__always)
    func mayHaveNulls(_ column: Column) -> Bool { page.validity(column) != .max }
}

/// Some rows of one page.
struct PageBatch: RowBatch {
    let page: PageView
    let mask: UInt64
    let count: Int
    private let lanes: Cells<UInt8>

    /// - Parameter lanes: 64 cells, to be used by nobody else as long as the batch.
    @inline(__always)
    init(_ page: PageView, _ mask: UInt64, lanes: Cells<UInt8>) {
        self.page = page
        self.mask = mask
        self.lanes = lanes
        count = mask.nonzeroBitCount
        var rest = mask
        var index = 0
        while rest != 0 {
            lanes[index] = UInt8(truncatingIfNeeded: rest.trailingZeroBitCount)
            rest &= rest &- 1
            index &+= 1
        }
    }

    @inline(__always)
    func row(_ index: Int) -> RowView { page.row(lane: Int(lanes[index])) }

    @inline(__always)
    func mayHaveNulls(_ column: Column) -> Bool {
        mask & ~page.validity(column) != 0
    }
}

/// Rows from anywhere.
struct LooseBatch: RowBatch {
    var rows: Cells<RowView>
    var count: Int

    @inline(__always)
    func row(_ index: Int) -> RowView { rows[index] }

    @inline(__always)
    func mayHaveNulls(_ column: Column) -> Bool { column.isNullable }
}
