/// A fast seeded 64-bit hash that is the same in every process and on every machine.
///
/// Values of this hash are written to files and decide on which shard a row lies: the algorithm
/// never changes under the same ``version``. It is not cryptographic; a random `seed` keeps a
/// client that does not know it from choosing keys that collide.
///
/// **Version 1.** All words are unsigned 64-bit, read little-endian; `rot` swaps the halves of
/// a word; `fold(x, y)` is the upper XOR the lower half of the 128-bit product.
///
///     K0 = 9E3779B97F4A7C15   K1 = BF58476D1CE4E5B9
///     K2 = 94D049BB133111EB   K3 = D6E8FEB86659FD93
///
///     s = fold(seed ^ K2, count ^ K3)
///     while more than 16 bytes remain:
///         take the next two words x, y
///         s = fold(x ^ s, rot(y ^ s) ^ K1)
///     a, b =  0, 0                                        if count = 0
///             p[0] | p[count/2] << 8 | p[count-1] << 16, 0   if count < 4
///             first and last 32 bits of p                 if count < 8
///             first and last word of p                    if count <= 16
///             the two words that end with p               otherwise
///     result = fold(fold(a ^ s, rot(b ^ s) ^ K0) ^ K2, K1)
///
/// Both factors of a product depend on the seed, so that no input makes one of them zero in every
/// process.
public enum StableHash {
    /// The number of the algorithm above, to be recorded in every file that depends on it.
    public static let version: UInt8 = 1

    @inlinable static var k0: UInt64 { 0x9E37_79B9_7F4A_7C15 }
    @inlinable static var k1: UInt64 { 0xBF58_476D_1CE4_E5B9 }
    @inlinable static var k2: UInt64 { 0x94D0_49BB_1331_11EB }
    @inlinable static var k3: UInt64 { 0xD6E8_FEB8_6659_FD93 }

    /// The hash of `bytes`. About 3 ns for 16 bytes, 5 GB/s and more for long ones.
    @inlinable
    public static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var state = fold(seed ^ k2, UInt64(truncatingIfNeeded: bytes.count) ^ k3)
        guard let base = bytes.baseAddress, bytes.count > 0 else {
            return finish(0, 0, state)
        }
        let count = bytes.count
        if count > 16 {
            var offset = 0
            repeat {
                let x = unsafe word(base, offset)
                let y = unsafe word(base, offset &+ 8)
                state = fold(x ^ state, swapped(y ^ state) ^ k1)
                offset &+= 16
            } while offset &+ 16 < count
            return finish(
                unsafe word(base, count &- 16), unsafe word(base, count &- 8), state)
        }
        if count >= 8 {
            return finish(unsafe word(base, 0), unsafe word(base, count &- 8), state)
        }
        if count >= 4 {
            return finish(
                unsafe halfWord(base, 0), unsafe halfWord(base, count &- 4), state)
        }
        let first = unsafe UInt64(base.load(as: UInt8.self))
        let middle = unsafe UInt64(base.load(fromByteOffset: count &>> 1, as: UInt8.self))
        let last = unsafe UInt64(base.load(fromByteOffset: count &- 1, as: UInt8.self))
        return finish(first | middle &<< 8 | last &<< 16, 0, state)
    }

    /// The hash of one word: that of its eight little-endian bytes.
    @inlinable
    public static func hash(_ value: UInt64, seed: UInt64) -> UInt64 {
        finish(value, value, fold(seed ^ k2, 8 ^ k3))
    }

    /// One hash of two, in this order: `fold(fold(a ^ K0, rot(b) ^ K3) ^ a, K1)`.
    @inlinable
    public static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        fold(fold(a ^ k0, swapped(b) ^ k3) ^ a, k1)
    }

    @inline(__always) @inlinable
    static func finish(_ a: UInt64, _ b: UInt64, _ state: UInt64) -> UInt64 {
        fold(fold(a ^ state, swapped(b ^ state) ^ k0) ^ k2, k1)
    }

    @inline(__always) @inlinable
    static func fold(_ x: UInt64, _ y: UInt64) -> UInt64 {
        let product = x.multipliedFullWidth(by: y)
        return product.high ^ product.low
    }

    @inline(__always) @inlinable
    static func swapped(_ word: UInt64) -> UInt64 {
        word &<< 32 | word &>> 32
    }

    @inline(__always) @inlinable
    static func word(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always) @inlinable
    static func halfWord(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        unsafe UInt64(
            UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
}
