extension TableView {
    /// Pages that are measured on one shard. Reason: all of them would be a walk through the whole
    /// table, and pages of one table are much alike.
    private static let pagesMeasuredMax = 32

    /// About as many bytes as the pages of this table take, texts included, indexes not: measured on
    /// some pages of each shard.
    public var estimatedByteCount: Int {
        var sum = 0
        for shard in 0..<shardCount {
            let pageCount = pageCount(shard: shard)
            let step = max(1, pageCount / TableView.pagesMeasuredMax)
            var measured = 0
            var byteCount = 0
            for number in stride(from: 0, to: pageCount, by: step) {
                measured += 1
                let block = unsafe PageDirectory.page(
                    root: root(shard), depth: depth(shard), number: number)
                if let block = unsafe block {
                    unsafe byteCount += NodePool.byteCount(of: block)
                }
            }
            if measured > 0 { sum += byteCount * pageCount / measured }
        }
        return sum
    }
}
