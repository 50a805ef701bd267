import Bytes
@testable import Store

/// What a tree has to be: a sorted array of keys, and the texts of the rows if they decide ties.
struct TreeModel {
    let stride: Int
    let hasTexts: Bool
    private(set) var keys: [TreeKey] = []
    /// By locator; a row without a text has a null.
    private(set) var texts: [UInt64: [UInt8]] = [:]
    private var created: UInt64 = 0

    init(stride: Int, hasTexts: Bool) {
        self.stride = stride
        self.hasTexts = hasTexts
    }

    /// A key of few distinct words, so that equal ones are common, with a locator not used before.
    mutating func newKey(_ numbers: inout SeededRandom) -> TreeKey {
        created += 1
        let locator = created << 32 | numbers.next() >> 33
        let text = newText(&numbers)
        let word = newWord(text, &numbers)
        if hasTexts { texts[locator] = text }
        switch stride {
        case 1: return TreeKey(locator: numbers.next() >> 1)
        case 2: return TreeKey(first: word, locator: locator)
        default:
            return TreeKey(
                first: UInt64(numbers.below(5)) << 60, second: word, locator: locator)
        }
    }

    /// A key for a search, of a text that no row needs to have.
    mutating func probe(_ numbers: inout SeededRandom) -> (key: TreeKey, text: [UInt8]) {
        let text = newText(&numbers) ?? []
        let first = UInt64(numbers.below(5)) << 60
        let word = hasTexts ? KeyEncoding.ordered(bytes: text) : newWord(nil, &numbers)
        let locator: UInt64
        switch numbers.below(3) {
        case 0: locator = 0
        case 1: locator = .max
        default: locator = stride == 1 ? numbers.next() >> 1 : numbers.next() % (created << 32 + 1)
        }
        return stride == 2
            ? (TreeKey(first: word, locator: locator), text)
            : (
                TreeKey(
                    first: stride == 1 ? 0 : first, second: stride == 1 ? 0 : word, locator: locator
                ), text
            )
    }

    private func newText(_ numbers: inout SeededRandom) -> [UInt8]? {
        guard numbers.below(10) > 0 else { return nil }
        let prefixes = ["", "member", "membership", "membership of ", "points"]
        var bytes = Array(prefixes[numbers.below(prefixes.count)].utf8)
        for _ in 0..<numbers.below(3) { bytes.append(UInt8(97 + numbers.below(3))) }
        return bytes
    }

    private func newWord(_ text: [UInt8]?, _ numbers: inout SeededRandom) -> UInt64 {
        if hasTexts { return text.map { KeyEncoding.ordered(bytes: $0) } ?? KeyEncoding.null }
        return numbers.below(4) == 0 ? numbers.next() : UInt64(numbers.below(40)) << 58
    }

    // MARK: The operations

    mutating func insert(_ key: TreeKey) {
        keys.insert(key, at: rank(of: key, text: texts[key.locator]))
    }

    mutating func remove(at index: Int) -> TreeKey {
        keys.remove(at: index)
    }

    /// What the text of a key is, compared with the text of a row.
    func order(of text: [UInt8]?, _ locator: Locator) -> Int {
        let left = text ?? []
        let right = texts[locator.rawValue] ?? []
        if left == right { return 0 }
        return left.lexicographicallyPrecedes(right) ? -1 : 1
    }

    func rank(of key: TreeKey, text: [UInt8]?) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(keys[middle], key, text) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func isBefore(_ entry: TreeKey, _ key: TreeKey, _ text: [UInt8]?) -> Bool {
        if entry.first != key.first { return entry.first < key.first }
        if entry.second != key.second { return entry.second < key.second }
        let word = stride == 3 ? key.second : key.first
        if hasTexts && word != KeyEncoding.null {
            let order = order(of: text, Locator(rawValue: entry.locator))
            if order != 0 { return order > 0 }
        }
        return entry.locator < key.locator
    }

    // MARK: The same in a tree

    func insert(_ key: TreeKey, into tree: inout Tree, _ writer: NodeWriter) -> Bool {
        guard hasTexts else { return tree.insert(key, writer: writer) }
        let text = texts[key.locator]
        return tree.insert(key, writer: writer) { order(of: text, $0) }
    }

    func remove(_ key: TreeKey, from tree: inout Tree, _ writer: NodeWriter) -> Bool {
        guard hasTexts else { return tree.remove(key, writer: writer) }
        let text = texts[key.locator]
        return tree.remove(key, writer: writer) { order(of: text, $0) }
    }

    func rank(of key: TreeKey, text: [UInt8], in view: TreeView) -> Int {
        hasTexts ? view.rank(of: key) { order(of: text, $0) } : view.rank(of: key)
    }

    func cursor(at key: TreeKey, text: [UInt8], in view: TreeView) -> TreeCursor {
        hasTexts ? view.cursor(at: key) { order(of: text, $0) } : view.cursor(at: key)
    }

    func firstFault(of view: TreeView) -> TreeFault? {
        guard hasTexts else { return view.firstFault() }
        return view.firstFault { order(of: texts[$0.rawValue], $1) }
    }
}

extension KeyEncoding {
    static func ordered(bytes: [UInt8]) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe ordered(text: $0) }
    }
}

extension TreeView {
    /// All entries, forward.
    var keys: [TreeKey] {
        var cursor = cursor(atRank: 0)
        var keys: [TreeKey] = []
        while let key = cursor.nextKey() { keys.append(key) }
        return keys
    }

    /// All entries, backward.
    var keysBackward: [TreeKey] {
        var cursor = cursor(atRank: count)
        var keys: [TreeKey] = []
        while let key = cursor.previousKey() { keys.append(key) }
        return keys
    }
}

extension Tree {
    static func build(_ keys: [TreeKey], stride: Int, writer: NodeWriter) -> Tree {
        var words: [UInt64] = []
        for key in keys {
            if stride > 1 { words.append(key.first) }
            if stride > 2 { words.append(key.second) }
            words.append(key.locator)
        }
        return unsafe words.withUnsafeBufferPointer {
            unsafe build(stride: stride, entries: $0, writer: writer)
        }
    }
}
