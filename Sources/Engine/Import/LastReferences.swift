import Glibc
import Store

/// For each field of a table that refers to a row, the id that it had last and the row which that
/// is: files are often sorted by it.
// Safe: `ids` has `IDSyntax.byteCountMax` bytes for each field, of which `counts` are filled.
@safe
struct LastReferences: ~Copyable {
    private let ids: UnsafeMutablePointer<UInt8>
    /// Bytes of each id; −1 when there is none.
    private var counts: [Int]
    private var rows: [RowRef]

    init(fieldCount: Int) {
        unsafe ids = .allocate(capacity: IDSyntax.byteCountMax * max(fieldCount, 1))
        counts = Array(repeating: -1, count: fieldCount)
        rows = Array(repeating: .none, count: fieldCount)
    }

    deinit { unsafe ids.deallocate() }

    /// The row that a field referred to last, if this is its id.
    @inline(__always)
    func row(of id: UnsafeRawBufferPointer, field: Int) -> RowRef? {
        guard counts[field] == id.count, let base = id.baseAddress,
            unsafe memcmp(ids + field &* IDSyntax.byteCountMax, base, id.count) == 0
        else { return nil }
        return rows[field]
    }

    mutating func remember(_ id: UnsafeRawBufferPointer, _ row: RowRef, field: Int) {
        guard let base = id.baseAddress, id.count <= IDSyntax.byteCountMax else { return }
        unsafe memcpy(ids + field &* IDSyntax.byteCountMax, base, id.count)
        counts[field] = id.count
        rows[field] = row
    }

    /// When the rows may be others.
    mutating func forgetAll() {
        for field in counts.indices { counts[field] = -1 }
    }
}
