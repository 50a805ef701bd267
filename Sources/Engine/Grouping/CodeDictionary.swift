import Bytes
import Store

/// Hashes words so that nobody who chooses them can make them collide.
struct WordHash: Sendable {
    private let first: UInt64
    private let second: UInt64

    /// As for all dictionaries of this process.
    static let shared = WordHash()

    private init() {
        first = UInt64.random(in: .min ... .max)
        second = UInt64.random(in: .min ... .max) | 1
    }

    var seed: UInt64 { first }

    @inline(__always)
    func callAsFunction(_ word: UInt64) -> UInt64 {
        let product = (word ^ first).multipliedFullWidth(by: second)
        return product.high ^ product.low
    }
}

/// Gives each word that it sees a code: 1 for the first, 2 for the next. 0 is for null.
///
/// A window around the words that come most is an array, so that years, levels and amounts cost one
/// load; others are hashed.
// Safe: the cells are freed with the dictionary, and handed to nobody.
@safe
final class WordDictionary {
    private(set) var count = 0
    private var words: Cells<UInt64>
    /// Codes by hash; 0 is a free place. Always twice as long as there are words, or longer.
    private var places: Cells<UInt32>
    private var window: Cells<UInt32>?
    private var windowStart: UInt64 = 0
    private var misses = 0
    private let hash = WordHash.shared

    private static let windowCount = 1 << 14
    /// Words looked up by hash before a window is made. Reason: small lists do without.
    private static let missesBeforeWindow = 256

    init() {
        words = Cells(count: 8, filling: 0)
        places = Cells(count: 16, filling: 0)
    }

    deinit {
        words.free()
        places.free()
        window?.free()
    }

    func word(_ code: UInt32) -> UInt64 { words[Int(code) &- 1] }

    @inline(__always)
    func code(of word: UInt64) -> UInt32 {
        if let window {
            let offset = word &- windowStart
            if offset < UInt64(Self.windowCount) {
                let code = window[Int(truncatingIfNeeded: offset)]
                if code != 0 { return code }
            }
        }
        return hashedCode(of: word)
    }

    @inline(never)
    private func hashedCode(of word: UInt64) -> UInt32 {
        let mask = places.count &- 1
        var place = Int(truncatingIfNeeded: hash(word)) & mask
        var code = places[place]
        while code != 0, words[Int(code) &- 1] != word {
            place = (place &+ 1) & mask
            code = places[place]
        }
        if code == 0 {
            code = insert(word)
            if 2 &* count > places.count { rehash() } else { places[place] = code }
        }
        note(word, code)
        return code
    }

    private func insert(_ word: UInt64) -> UInt32 {
        words.grow(to: count &+ 1, filling: 0)
        words[count] = word
        count &+= 1
        return UInt32(truncatingIfNeeded: count)
    }

    private func rehash() {
        let larger = Cells<UInt32>(count: 4 &* places.count, filling: 0)
        let mask = larger.count &- 1
        for index in 0..<count {
            var place = Int(truncatingIfNeeded: hash(words[index])) & mask
            while larger[place] != 0 { place = (place &+ 1) & mask }
            larger[place] = UInt32(truncatingIfNeeded: index &+ 1)
        }
        places.free()
        places = larger
    }

    private func note(_ word: UInt64, _ code: UInt32) {
        if let window {
            let offset = word &- windowStart
            if offset < UInt64(Self.windowCount) {
                window[Int(truncatingIfNeeded: offset)] = code
            }
            return
        }
        misses &+= 1
        if misses == Self.missesBeforeWindow {
            windowStart = word &- UInt64(Self.windowCount / 2)
            window = Cells(count: Self.windowCount, filling: 0)
        }
    }
}

/// The bytes of a text in a page, or none.
// Safe: the bytes belong to a view which outlives whoever notes where they are.
@safe
struct TextPlace: BitwiseCopyable {
    var bytes: UnsafeRawBufferPointer
}

/// Gives each text that it sees a code: 1 for the first, 2 for the next. 0 is for null.
///
/// It keeps where the texts lie, and no copies: good as long as the view they were read from.
// Safe: the cells are freed with the dictionary; the bytes belong to a view which outlives it.
@safe
final class TextDictionary {
    private(set) var count = 0
    private var texts: [TextPlace] = []
    private var hashes: [UInt64] = []
    private var places: Cells<UInt32>
    private let seed = WordHash.shared.seed

    init() {
        places = Cells(count: 16, filling: 0)
    }

    deinit {
        places.free()
    }

    func text(_ code: UInt32) -> UnsafeRawBufferPointer { unsafe texts[Int(code) - 1].bytes }

    func code(of text: UnsafeRawBufferPointer) -> UInt32 {
        unsafe code(of: text, hash: StableHash.hash(text, seed: seed))
    }

    /// - Parameter hash: what another dictionary of this process knows for the text.
    func code(of text: UnsafeRawBufferPointer, hash: UInt64) -> UInt32 {
        let mask = places.count &- 1
        var place = Int(truncatingIfNeeded: hash) & mask
        var code = places[place]
        while code != 0 {
            let index = Int(code) &- 1
            if hashes[index] == hash, unsafe TextMatch.order(texts[index].bytes, text) == 0 {
                return code
            }
            place = (place &+ 1) & mask
            code = places[place]
        }
        unsafe texts.append(TextPlace(bytes: text))
        hashes.append(hash)
        count &+= 1
        code = UInt32(truncatingIfNeeded: count)
        if 2 &* count > places.count { rehash() } else { places[place] = code }
        return code
    }

    func hash(_ code: UInt32) -> UInt64 { hashes[Int(code) - 1] }

    private func rehash() {
        let larger = Cells<UInt32>(count: 4 &* places.count, filling: 0)
        let mask = larger.count &- 1
        for (index, hash) in hashes.enumerated() {
            var place = Int(truncatingIfNeeded: hash) & mask
            while larger[place] != 0 { place = (place &+ 1) & mask }
            larger[place] = UInt32(truncatingIfNeeded: index &+ 1)
        }
        places.free()
        places = larger
    }
}
