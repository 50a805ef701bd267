import Glibc

/// Numbers that lie one after another, for loops that may not afford a check or a count of
/// references on each.
///
/// A copy is the same memory: loops take one to keep the address in a register.
// Safe: whoever made the cells frees them once, when it goes, and hands copies only to functions
// that it calls; places are below `count`, which debug builds check.
@safe
struct Cells<Element: BitwiseCopyable>: BitwiseCopyable {
    private(set) var count: Int
    private var base: UnsafeMutablePointer<Element>

    init(count: Int, filling: Element) {
        self.init(count: count)
        unsafe base.initialize(repeating: filling, count: count)
    }

    /// Cells that are written before they are read. None take no memory.
    init(count: Int) {
        self.count = count
        unsafe base = Self.memory(count) {
            unsafe malloc(count &* MemoryLayout<Element>.stride)
        }
    }

    fileprivate init(zeroBytesFor count: Int) {
        self.count = count
        unsafe base = Self.memory(count) { unsafe calloc(count, MemoryLayout<Element>.stride) }
    }

    private static func memory(
        _ count: Int, _ allocate: () -> UnsafeMutableRawPointer?
    ) -> UnsafeMutablePointer<Element> {
        let bytes = unsafe count == 0 ? UnsafeMutableRawPointer(bitPattern: 64) : allocate()
        guard let bytes = unsafe bytes else { fatalError("no memory for \(count) cells") }
        return unsafe bytes.bindMemory(to: Element.self, capacity: count)
    }

    func free() {
        if count > 0 { unsafe Glibc.free(base) }
    }

    @inline(__always)
    subscript(_ place: Int) -> Element {
        get {
            assert(place >= 0 && place < count)
            return unsafe base[place]
        }
        nonmutating set {
            assert(place >= 0 && place < count)
            unsafe base[place] = newValue
        }
    }

    @inline(__always)
    subscript(_ place: UInt32) -> Element {
        get { self[Int(place)] }
        nonmutating set { self[Int(place)] = newValue }
    }

    func fill(with element: Element) {
        unsafe base.update(repeating: element, count: count)
    }

    /// Makes room for `newCount`, at least twice what there was; copies taken before are void.
    mutating func grow(to newCount: Int, filling: Element) {
        guard newCount > count else { return }
        replace(by: Cells(count: max(newCount, 2 &* count), filling: filling))
    }

    private mutating func replace(by larger: Cells) {
        unsafe larger.base.update(from: base, count: count)
        free()
        self = larger
    }
}

extension Cells where Element: FixedWidthInteger {
    /// Zeros which take memory only where something else is written.
    init(zeros count: Int) {
        self.init(zeroBytesFor: count)
    }

    /// As ``grow(to:filling:)`` with zeros, but no larger than asked for.
    mutating func growExactly(to newCount: Int) {
        guard newCount > count else { return }
        replace(by: Cells(zeros: newCount))
    }
}
