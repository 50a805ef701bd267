import Bytes
import Dispatch
import Testing

struct CounterBlockTests {
    @Test func `blocks are added up cell by cell`() {
        let left = CounterBlock(count: 3)
        let right = CounterBlock(count: 3)
        left.raise(0)
        left.raise(2, by: 5)
        right.raise(2, by: 7)
        var sum: [UInt64] = [1, 1, 1]
        left.add(to: &sum)
        right.add(to: &sum)
        #expect(sum == [2, 1, 13])
        #expect((0..<3).map { left[$0] } == [1, 0, 5])
    }

    @Test func `a value at a bound is below it, one above all is in the last bucket`() {
        let shape = HistogramShape(bounds: [10, 20])
        let block = CounterBlock(count: 1 + shape.cellCount)
        for value: UInt64 in [0, 10, 11, 20, 21, 1_000] { block.observe(value, shape, at: 1) }
        var cells = [UInt64](repeating: 0, count: block.count)
        block.add(to: &cells)
        let figures = HistogramFigures(shape, cells, at: 1)
        #expect(figures.counts == [2, 2, 2])
        #expect(figures.sum == 1_062)
        #expect(figures.count == 6)
        #expect(cells[0] == 0)
    }

    @Test func `others read while one thread counts`() {
        let block = CounterBlock(count: 1)
        let end = DispatchSemaphore(value: 0)
        DispatchQueue(label: "beside the test").async {
            for _ in 0..<100_000 { block.raise(0) }
            end.signal()
        }
        var last: UInt64 = 0
        var isGrowing = true
        while last < 100_000 && isGrowing {
            let value = block[0]
            isGrowing = value >= last && value <= 100_000
            last = value
        }
        #expect(isGrowing)
        end.wait()
        #expect(block[0] == 100_000)
    }
}
