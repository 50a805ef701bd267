/// From the number of a page on its shard to the page: a radix tree with a fan-out of 256.
///
/// At depth 0 the root is page 0 itself, so that a small table costs no more than its rows; each
/// further level multiplies the pages by 256. A missing page or branch is a null pointer.
@usableFromInline
enum PageDirectory {
    /// A branch is the pool's node header and 256 pointers.
    @inlinable static var firstChild: Int { 16 }
    @inlinable static var fanOutBits: Int { 8 }
    @inlinable static var fanOut: Int { 1 &<< fanOutBits }
    @inlinable static var byteCount: Int { firstChild &+ 8 &* fanOut }

    /// The page with that number, which exists.
    @inline(__always) @inlinable
    static func livePage(
        root: UnsafeRawPointer?, depth: Int, number: Int
    ) -> UnsafeRawPointer {
        var node = unsafe root.unsafelyUnwrapped
        var level = depth
        while level > 0 {
            level &-= 1
            unsafe node =
                node.load(fromByteOffset: child(number, level), as: UnsafeRawPointer?.self)
                .unsafelyUnwrapped
        }
        return unsafe node
    }

    /// The page with that number if there is one; `number` is below the directory's capacity.
    @inlinable
    static func page(root: UnsafeRawPointer?, depth: Int, number: Int) -> UnsafeRawPointer? {
        var node = unsafe root
        var level = depth
        while level > 0, let branch = unsafe node {
            level &-= 1
            unsafe node = branch.load(
                fromByteOffset: child(number, level), as: UnsafeRawPointer?.self)
        }
        return unsafe node
    }

    /// Bytes from the start of a branch to the pointer that leads to page `number`.
    @inline(__always) @inlinable
    static func child(_ number: Int, _ level: Int) -> Int {
        firstChild &+ 8 &* (number &>> (fanOutBits &* level) & (fanOut &- 1))
    }
}

extension PageDirectory {
    /// Every page and branch below a root, each after the blocks that it leads to.
    static func forEachBlock(
        root: UnsafeMutableRawPointer?, depth: Int, _ body: (UnsafeMutableRawPointer) -> Void
    ) {
        guard let node = unsafe root else { return }
        if depth > 0 {
            for position in 0..<fanOut {
                let child = unsafe node.load(
                    fromByteOffset: firstChild + 8 * position, as: UnsafeMutableRawPointer?.self)
                unsafe forEachBlock(root: child, depth: depth - 1, body)
            }
        }
        unsafe body(node)
    }
}
