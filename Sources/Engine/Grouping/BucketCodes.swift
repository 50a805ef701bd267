import Bytes
import Store

/// Gives the bucket of each time or date a code, with two loads for most.
///
/// Time is cut into slots of equal length, a power of two that is shorter than a bucket. For each
/// slot that occurs, the calendar is asked once where buckets begin in it: at most once in nearly
/// every slot, so that a slot is described by two codes and the offset from which the second holds.
/// A slot with more than one beginning, as a change of the clock can leave, is not kept: its times
/// are looked up one by one.
// Safe: the cells are freed with the object, and handed to nobody.
@safe
final class BucketCodes {
    private struct Slot: BitwiseCopyable {
        /// `.min` is a free place.
        var number: Int64
        /// From this offset on, the code is `after`.
        var edge: UInt32
        var before: UInt32
        var after: UInt32
    }

    private let bucket: DateBucket
    /// Nil for dates.
    private let calendar: LocalCalendar?
    private let shift: Int64
    private let offsetMask: Int64
    /// The words are the buckets' beginnings.
    let dictionary = WordDictionary()
    private var slots: Cells<Slot>
    private var slotMask: Int

    private static let none = Slot(number: .min, edge: 0, before: 0, after: 0)
    /// Reason: hours of 70 years; beyond that, slots take the places of others.
    private static let slotsMax = 1 << 20

    /// - Parameter calendar: for times; nil for dates.
    init(_ bucket: DateBucket, _ calendar: LocalCalendar?) {
        self.bucket = bucket
        self.calendar = calendar
        shift = calendar == nil ? 0 : Self.shift(bucket)
        offsetMask = 1 &<< shift &- 1
        slots = Cells(count: 64, filling: Self.none)
        slotMask = 63
    }

    deinit {
        slots.free()
    }

    /// Logarithm of a slot's milliseconds: 35 minutes, 18 hours, 3 days, 24 days.
    private static func shift(_ bucket: DateBucket) -> Int64 {
        switch bucket {
        case .hour: 21
        case .day: 26
        case .week: 28
        case .month, .quarter, .year: 31
        }
    }

    func code(of value: Int64) -> UInt32 {
        known(value, slots, slotMask) ?? newCode(of: value)
    }

    /// The codes of a batch of rows.
    @inline(__always)
    func encode<Batch: RowBatch>(
        _ batch: Batch, _ column: Column, into codes: Cells<UInt32>, value: (RowView) -> Int64
    ) {
        // Copies stay in registers.
        var slots = self.slots
        var slotMask = self.slotMask
        let mayHaveNulls = batch.mayHaveNulls(column)
        for index in 0..<batch.count {
            let row = batch.row(index)
            if mayHaveNulls, row.isNull(column) {
                codes[index] = 0
                continue
            }
            let value = value(row)
            if let code = known(value, slots, slotMask) {
                codes[index] = code
            } else {
                codes[index] = newCode(of: value)
                slots = self.slots
                slotMask = self.slotMask
            }
        }
    }

    @inline(__always)
    private func known(_ value: Int64, _ slots: Cells<Slot>, _ slotMask: Int) -> UInt32? {
        let number = value &>> shift
        let slot = slots[Int(truncatingIfNeeded: number) & slotMask]
        guard slot.number == number else { return nil }
        let offset = UInt32(truncatingIfNeeded: value & offsetMask)
        return offset >= slot.edge ? slot.after : slot.before
    }

    private func start(at value: Int64) -> Int64 {
        if let calendar { return calendar.start(of: bucket, at: value) }
        return Int64(bucket.start(ofDay: Int32(truncatingIfNeeded: value)))
    }

    @inline(never)
    private func newCode(of value: Int64) -> UInt32 {
        let number = value &>> shift
        guard let calendar else {
            let code = dictionary.code(of: UInt64(bitPattern: start(at: value)))
            put(Slot(number: number, edge: 0, before: code, after: code))
            return code
        }
        let first = number &<< shift
        let end = first &+ offsetMask &+ 1
        let start = calendar.start(of: bucket, at: first)
        let edge = calendar.end(of: bucket, at: first)
        let before = dictionary.code(of: UInt64(bitPattern: start))
        if edge >= end || edge <= first {
            put(Slot(number: number, edge: .max, before: before, after: before))
            return before
        }
        guard calendar.end(of: bucket, at: edge) >= end else {
            return dictionary.code(of: UInt64(bitPattern: self.start(at: value)))
        }
        let after = dictionary.code(of: UInt64(bitPattern: edge))
        put(
            Slot(
                number: number, edge: UInt32(truncatingIfNeeded: edge &- first), before: before,
                after: after))
        return value >= edge ? after : before
    }

    private func put(_ slot: Slot) {
        var place = Int(truncatingIfNeeded: slot.number) & slotMask
        if slots[place].number != .min, slots.count < Self.slotsMax {
            grow()
            place = Int(truncatingIfNeeded: slot.number) & slotMask
        }
        slots[place] = slot
    }

    private func grow() {
        let larger = Cells(count: 4 &* slots.count, filling: Self.none)
        slotMask = larger.count &- 1
        for place in 0..<slots.count where slots[place].number != .min {
            larger[Int(truncatingIfNeeded: slots[place].number) & slotMask] = slots[place]
        }
        slots.free()
        slots = larger
    }
}
