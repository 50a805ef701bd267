/// Finds a key that an object has twice.
///
/// The first few keys are compared one by one; from then on they are found by a hash that differs
/// from process to process, so that no document can make the search slow.
// Safe: the texts belong to bytes that the reader's caller keeps alive.
public struct JSONKeySet {
    private var keys: [JSONText] = []
    /// Places in `keys`, by hash; empty while the keys are few. At most half full.
    private var places: [Int32] = []

    /// Up to here a comparison with each is cheaper than a hash.
    private static let linearCountMax = 8

    public init() {}

    /// - Returns: whether the key is new.
    public mutating func insert(_ key: JSONText) -> Bool {
        if keys.count < JSONKeySet.linearCountMax {
            if keys.contains(where: { $0.isSame(as: key) }) { return false }
            keys.append(key)
            return true
        }
        if places.count < 4 &* keys.count { rehash(capacity: 8 &* keys.count) }
        guard let free = vacancy(for: key) else { return false }
        places[free] = Int32(truncatingIfNeeded: keys.count)
        keys.append(key)
        return true
    }

    /// Forgets all keys and keeps the memory, for the next object.
    public mutating func removeAll() {
        keys.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
    }

    private static let vacant: Int32 = -1

    private mutating func rehash(capacity: Int) {
        var size = 64
        while size < capacity { size &*= 2 }
        places = [Int32](repeating: JSONKeySet.vacant, count: size)
        for (place, key) in keys.enumerated() {
            if let free = vacancy(for: key) { places[free] = Int32(truncatingIfNeeded: place) }
        }
    }

    /// Where `key` would go, or `nil` if it is there.
    private func vacancy(for key: JSONText) -> Int? {
        var hasher = Hasher()
        if key.hasEscapes {
            unsafe key.unescapedBytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        } else {
            unsafe hasher.combine(bytes: key.raw)
        }
        let mask = places.count &- 1
        var slot = hasher.finalize() & mask
        while places[slot] != JSONKeySet.vacant {
            if keys[Int(places[slot])].isSame(as: key) { return nil }
            slot = (slot &+ 1) & mask
        }
        return slot
    }
}
