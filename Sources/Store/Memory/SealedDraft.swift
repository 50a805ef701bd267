/// A version that is finished and not published: what a group of changes leaves behind.
///
/// It is either published or discarded, once. Until then the next group may build on it.
// Safe: the blocks that no published version leads to belong to whoever holds this.
@safe
struct SealedDraft: @unchecked Sendable {
    let root: VersionRoot
    /// Blocks of older versions, and of drafts before this one, that it has replaced.
    let retired: [RetiredBlock]

    var sequence: UInt64 { unsafe root.sequence }

    /// Makes it the current version. Those before it have been published.
    func publish(to store: Store) {
        unsafe store.slots.publish(root, retiring: retired)
    }

    /// Frees what was made since the version `current`: by this draft, and, if this one was built
    /// on a sealed draft that is discarded too, by that one. No version leads there.
    ///
    /// - Parameter base: that other draft.
    func discard(store: Store, after current: UInt64, base: SealedDraft?) {
        let pool = store.pool
        for table in store.tables {
            for shard in 0..<1 << store.shardBits {
                let shardRoot = unsafe root.shard(shard, of: table.id)
                unsafe PageDirectory.forEachBlock(
                    root: shardRoot.directory, depth: shardRoot.depth, bornAfter: current
                ) { unsafe pool.release($0) }
            }
        }
        for index in store.indexes {
            unsafe root.tree(of: index.id).forEachNode(bornAfter: current) {
                unsafe pool.release($0)
            }
        }
        for block in retired where block.birth > current { unsafe pool.release(block.block) }
        unsafe pool.release(root.block)
        if let base { unsafe pool.release(base.root.block) }
    }
}

extension PageDirectory {
    /// Every page and branch below a root that was made after a version, each after the blocks
    /// that it leads to. What is older leads to nothing younger.
    static func forEachBlock(
        root: UnsafeMutableRawPointer?, depth: Int, bornAfter stamp: UInt64,
        _ body: (UnsafeMutableRawPointer) -> Void
    ) {
        guard let node = unsafe root, unsafe NodePool.stamp(of: node) > stamp else { return }
        if depth > 0 {
            for position in 0..<fanOut {
                let child = unsafe node.load(
                    fromByteOffset: firstChild + 8 * position, as: UnsafeMutableRawPointer?.self)
                unsafe forEachBlock(root: child, depth: depth - 1, bornAfter: stamp, body)
            }
        }
        unsafe body(node)
    }
}

extension Tree {
    /// Every node that was made after a version, children before their parent.
    func forEachNode(bornAfter stamp: UInt64, _ body: (UnsafeMutableRawPointer) -> Void) {
        if let root = unsafe root {
            unsafe Tree.visit(root, level: height, bornAfter: stamp, body)
        }
    }

    private static func visit(
        _ node: UnsafeMutableRawPointer, level: Int, bornAfter stamp: UInt64,
        _ body: (UnsafeMutableRawPointer) -> Void
    ) {
        guard unsafe NodePool.stamp(of: node) > stamp else { return }
        if level > 1 {
            for index in unsafe 0..<TreeNode.count(node) {
                let child = unsafe TreeNode.children(UnsafeRawPointer(node))[index]
                unsafe visit(child, level: level - 1, bornAfter: stamp, body)
            }
        }
        unsafe body(node)
    }
}
