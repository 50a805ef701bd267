import Bytes

/// The prepared documents of one thread, by the bytes of the document as requests carry it, and by
/// the role that they were prepared for.
///
/// Bounded in bytes by two generations: a look-up moves a document to the young one; when that is
/// full, the old one is dropped and the young one becomes old. So whatever is used stays, and
/// nothing is ever searched for the least used.
struct PlanCache {
    private var young: [UInt64: PreparedDocument] = [:]
    private var old: [UInt64: PreparedDocument] = [:]
    private var youngByteCount = 0
    private let bytesMax: Int
    private let seed: UInt64

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
        // A client must not be able to choose documents that collide.
        seed = UInt64.random(in: 0 ... .max)
    }

    func hash(_ key: UnsafeRawBufferPointer, _ role: RoleAccess?) -> UInt64 {
        unsafe StableHash.hash(key, seed: seed ^ (role?.seed ?? 0))
    }

    mutating func document(
        _ key: UnsafeRawBufferPointer, _ role: RoleAccess?, _ hash: UInt64
    ) -> PreparedDocument? {
        if let found = young[hash] { return unsafe isSame(found, key, role) ? found : nil }
        guard let found = old[hash], unsafe isSame(found, key, role) else { return nil }
        old[hash] = nil
        insert(found, hash)
        return found
    }

    mutating func insert(_ document: PreparedDocument, _ hash: UInt64) {
        if youngByteCount + document.byteCount > bytesMax / 2 {
            old = young
            young = [:]
            youngByteCount = 0
        }
        young[hash] = document
        youngByteCount += document.byteCount
    }

    /// Counts a plan that was added to a document already here.
    mutating func count(_ plan: Plan) { youngByteCount += plan.byteCount }

    private func isSame(
        _ document: PreparedDocument, _ key: UnsafeRawBufferPointer, _ role: RoleAccess?
    ) -> Bool {
        guard document.role === role, document.key.count == key.count else { return false }
        return unsafe document.key.withUnsafeBytes { unsafe TextMatch.order($0, key) == 0 }
    }
}
