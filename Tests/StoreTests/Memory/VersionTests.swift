import Testing

@testable import Store

@Suite struct VersionTests {
    @Test(arguments: 0...6)
    func `every root of a version has a place of its own`(shardBits: Int) {
        let pool = NodePool()
        let layout = VersionLayout(tableCount: 3, indexCount: 5, shardBits: shardBits)
        let writer = NodeWriter(pool: pool, stamp: 9)
        let root = unsafe VersionRoot(layout: layout, strides: [1, 2, 3, 1, 2], writer: writer)
        #expect(pool.bytesInUse == layout.byteCount)
        for index in 0..<5 {
            var tree = unsafe root.tree(of: IndexID(index))
            #expect(tree.count == 0 && tree.stride == [1, 2, 3, 1, 2][index])
            for number in 0...UInt64(index) {
                tree.insert(TreeKey(locator: number), writer: writer)
            }
            unsafe root.setTree(of: IndexID(index), to: tree)
        }
        for table in 0..<3 {
            let id = TableID(table)
            #expect(unsafe root.nextCreation(of: id) == 1 && root.liveCount(of: id) == 0)
            unsafe root.setLiveCount(of: id, to: 100 + table)
            unsafe root.setNextCreation(of: id, to: 1 << 32 - UInt64(table))
            for shard in 0..<(1 << shardBits) {
                let isEmpty = unsafe root.shard(shard, of: id).directory == nil
                #expect(isEmpty)
                unsafe root.setShard(shard, of: id, to: shardRoot(table, shard))
            }
        }
        let nextWriter = NodeWriter(pool: pool, stamp: 10)
        let next = unsafe VersionRoot(copying: root, writer: nextWriter)
        let view = unsafe next.view
        #expect(view.sequence == 10 && view.shardBits == shardBits)
        for index in 0..<5 {
            let tree = view.tree(IndexID(index))
            #expect(tree.stride == [1, 2, 3, 1, 2][index])
            #expect(tree.keys.map { $0.locator } == Array(0...UInt64(index)))
        }
        for table in 0..<3 {
            let id = TableID(table)
            #expect(unsafe next.liveCount(of: id) == 100 + table)
            #expect(unsafe next.nextCreation(of: id) == 1 << 32 - UInt64(table))
            for shard in 0..<(1 << shardBits) {
                let found = unsafe next.shard(shard, of: id)
                let wanted = unsafe shardRoot(table, shard)
                #expect(unsafe found.directory == wanted.directory)
                #expect(unsafe found.depth == wanted.depth && found.slotEnd == wanted.slotEnd)
            }
        }
        for index in 0..<5 {
            unsafe root.tree(of: IndexID(index)).forEachNode { unsafe pool.release($0) }
        }
        unsafe pool.release(root.block)
        unsafe pool.release(next.block)
        #expect(pool.bytesInUse == 0)
    }

    /// Only compared, never followed.
    private func shardRoot(_ table: Int, _ shard: Int) -> ShardRoot {
        let number = table * 100 + shard + 1
        return unsafe ShardRoot(
            directory: UnsafeMutableRawPointer(bitPattern: number * 16), depth: number % 5,
            slotEnd: number * 1_000_000)
    }

    @Test func `references and locators give back what they were made of`() {
        for shardBits in 0...6 {
            for slot in [0, 1, 63, 64, 1 << (31 - shardBits) - 1] {
                let shard = (1 << shardBits) - 1
                let ref = RowRef(slot: slot, shard: shard, shardBits: shardBits)
                #expect(ref.slot(shardBits: shardBits) == slot)
                #expect(ref.shard(shardBits: shardBits) == shard)
                let locator = Locator(creation: .max - 1, ref: ref)
                #expect(locator.creation == .max - 1 && locator.ref == ref)
            }
        }
        let first = Locator(creation: 1, ref: RowRef(rawValue: 77))
        let second = Locator(creation: 2, ref: RowRef(rawValue: 3))
        #expect(first < second && !(second < first))
    }
}
