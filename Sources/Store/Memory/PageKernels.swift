/// Tests and sums over a whole column of a page.
///
/// Each answers for the live rows that have a value; nulls and lanes without a row count for
/// nothing. No kernel branches on a value.
extension PageView {
    /// The live rows with `low <= value <= high`, for every column kept as an integer or boolean.
    @inlinable
    public func maskInRange(_ column: Column, _ low: Int64, _ high: Int64) -> UInt64 {
        guard low <= high else { return 0 }
        let start = unsafe page + Int(column.offset)
        var mask: UInt64
        switch column.code {
        case .bool:
            let word = unsafe start.load(as: UInt64.self)
            mask = low <= 1 && high >= 1 ? word : 0
            if low <= 0 && high >= 0 { mask |= ~word }
        case .int8:
            guard high >= 0, low <= 0xFF else { return 0 }
            mask = unsafe PageKernels.range(
                start, UInt8(clamping: low), UInt8(clamping: high))
        case .int16:
            guard high >= 0, low <= 0xFFFF else { return 0 }
            mask = unsafe PageKernels.range(
                start, UInt16(clamping: low), UInt16(clamping: high))
        case .int32:
            guard high >= Int64(Int32.min), low <= Int64(Int32.max) else { return 0 }
            mask = unsafe PageKernels.range(
                start, Int32(clamping: low), Int32(clamping: high))
        case .int64:
            mask = unsafe PageKernels.range(start, low, high)
        case .double, .reference, .bytes:
            preconditionFailure("not a column of integers")
        }
        mask &= validity(column) & live
        return mask
    }

    /// The live rows with `low <= value <= high` in a column of floating-point numbers.
    @inlinable
    public func maskInRange(_ column: Column, _ low: Double, _ high: Double) -> UInt64 {
        precondition(column.code == .double, "not a column of floating-point numbers")
        let mask = unsafe PageKernels.range(page + Int(column.offset), low, high)
        return mask & validity(column) & live
    }

    /// The live rows that refer to `target`; for ``RowRef/none`` none.
    @inlinable
    public func maskEqual(_ column: Column, _ target: RowRef) -> UInt64 {
        precondition(column.code == .reference, "not a column of references")
        let mask = unsafe PageKernels.range(
            page + Int(column.offset), target.rawValue, target.rawValue)
        return mask & validity(column) & live
    }

    /// The sum of an integer column over the rows of `mask`, which are live and not null. 64
    /// values within ±2^53 cannot overflow.
    @inlinable
    public func sum(_ column: Column, _ mask: UInt64) -> Int64 {
        let start = unsafe page + Int(column.offset)
        switch column.code {
        case .bool:
            return unsafe Int64(
                truncatingIfNeeded: (start.load(as: UInt64.self) & mask).nonzeroBitCount)
        case .int8: return unsafe PageKernels.sum(start, mask, UInt8.self)
        case .int16: return unsafe PageKernels.sum(start, mask, UInt16.self)
        case .int32: return unsafe PageKernels.sum(start, mask, Int32.self)
        case .int64: return unsafe PageKernels.sum(start, mask, Int64.self)
        case .double, .reference, .bytes:
            preconditionFailure("not a column of integers")
        }
    }

    /// The sum of a column of floating-point numbers over the rows of `mask`, from the first lane
    /// to the last.
    @inlinable
    public func sumOfDoubles(_ column: Column, _ mask: UInt64) -> Double {
        precondition(column.code == .double, "not a column of floating-point numbers")
        let start = unsafe page + Int(column.offset)
        var total = 0.0
        var rest = mask
        while rest != 0 {
            total += unsafe start.load(
                fromByteOffset: 8 &* rest.trailingZeroBitCount, as: Double.self)
            rest &= rest &- 1
        }
        return total
    }

    /// The least and the greatest integer over the rows of `mask`, which is not empty.
    @inlinable
    public func bounds(_ column: Column, _ mask: UInt64) -> (least: Int64, greatest: Int64) {
        var least = Int64.max
        var greatest = Int64.min
        var rest = mask
        while rest != 0 {
            let value = row(lane: rest.trailingZeroBitCount).integer(column)
            least = min(least, value)
            greatest = max(greatest, value)
            rest &= rest &- 1
        }
        return (least, greatest)
    }

    /// The least and the greatest floating-point number over the rows of `mask`, not empty.
    @inlinable
    public func boundsOfDoubles(
        _ column: Column, _ mask: UInt64
    ) -> (least: Double, greatest: Double) {
        precondition(column.code == .double, "not a column of floating-point numbers")
        var least = Double.infinity
        var greatest = -Double.infinity
        var rest = mask
        while rest != 0 {
            let value = row(lane: rest.trailingZeroBitCount).double(column)
            least = min(least, value)
            greatest = max(greatest, value)
            rest &= rest &- 1
        }
        return (least, greatest)
    }
}

/// Loops over the 64 values that begin at `start`.
///
/// Comparisons have vectors on both sides, and their masks become bytes of 0 and 1 before they
/// become bits: the other ways of writing this are many times slower.
@usableFromInline
enum PageKernels {
    @inline(__always) @inlinable
    static func range(_ start: UnsafeRawPointer, _ low: UInt8, _ high: UInt8) -> UInt64 {
        let lows = SIMD16<UInt8>(repeating: low)
        let highs = SIMD16<UInt8>(repeating: high)
        var mask: UInt64 = 0
        var group = 0
        while group < 4 {
            let values = unsafe start.loadUnaligned(
                fromByteOffset: 16 &* group, as: SIMD16<UInt8>.self)
            let hits = SIMD16<UInt8>(repeating: 0)
                .replacing(with: SIMD16(repeating: 1), where: values .>= lows)
                .replacing(with: SIMD16(repeating: 0), where: values .> highs)
            mask |= bits(hits) &<< UInt64(truncatingIfNeeded: 16 &* group)
            group &+= 1
        }
        return mask
    }

    @inline(__always) @inlinable
    static func range(_ start: UnsafeRawPointer, _ low: UInt16, _ high: UInt16) -> UInt64 {
        let lows = SIMD16<UInt16>(repeating: low)
        let highs = SIMD16<UInt16>(repeating: high)
        var mask: UInt64 = 0
        var group = 0
        while group < 4 {
            let values = unsafe start.loadUnaligned(
                fromByteOffset: 32 &* group, as: SIMD16<UInt16>.self)
            let hits = SIMD16<UInt16>(repeating: 0)
                .replacing(with: SIMD16(repeating: 1), where: values .>= lows)
                .replacing(with: SIMD16(repeating: 0), where: values .> highs)
            mask |=
                bits(SIMD16<UInt8>(truncatingIfNeeded: hits))
                &<< UInt64(truncatingIfNeeded: 16 &* group)
            group &+= 1
        }
        return mask
    }

    @inline(__always) @inlinable
    static func range(_ start: UnsafeRawPointer, _ low: Int32, _ high: Int32) -> UInt64 {
        let lows = SIMD16<Int32>(repeating: low)
        let highs = SIMD16<Int32>(repeating: high)
        var mask: UInt64 = 0
        var group = 0
        while group < 4 {
            let values = unsafe start.loadUnaligned(
                fromByteOffset: 64 &* group, as: SIMD16<Int32>.self)
            let hits = SIMD16<Int32>(repeating: 0)
                .replacing(with: SIMD16(repeating: 1), where: values .>= lows)
                .replacing(with: SIMD16(repeating: 0), where: values .> highs)
            mask |=
                bits(SIMD16<UInt8>(truncatingIfNeeded: hits))
                &<< UInt64(truncatingIfNeeded: 16 &* group)
            group &+= 1
        }
        return mask
    }

    @inline(__always) @inlinable
    static func range(_ start: UnsafeRawPointer, _ low: UInt32, _ high: UInt32) -> UInt64 {
        let flip = UInt32(1) &<< 31
        if low == high {
            return unsafe range(start, Int32(bitPattern: low), Int32(bitPattern: high))
        }
        let lows = SIMD16<UInt32>(repeating: low ^ flip)
        let highs = SIMD16<UInt32>(repeating: high ^ flip)
        var mask: UInt64 = 0
        var group = 0
        while group < 4 {
            let values =
                unsafe start.loadUnaligned(
                    fromByteOffset: 64 &* group, as: SIMD16<UInt32>.self)
                ^ SIMD16(repeating: flip)
            let hits = SIMD16<UInt32>(repeating: 0)
                .replacing(with: SIMD16(repeating: 1), where: values .>= lows)
                .replacing(with: SIMD16(repeating: 0), where: values .> highs)
            mask |=
                bits(SIMD16<UInt8>(truncatingIfNeeded: hits))
                &<< UInt64(truncatingIfNeeded: 16 &* group)
            group &+= 1
        }
        return mask
    }

    /// Both differences are negative, if at all, only outside of the range: values lie within
    /// ±2^53 and the bounds are brought to little more, so that nothing overflows.
    @inline(__always) @inlinable
    static func range(_ start: UnsafeRawPointer, _ low: Int64, _ high: Int64) -> UInt64 {
        let limit = Int64(1) &<< 54
        let lows = SIMD8<Int64>(repeating: max(-limit, min(low, limit)))
        let highs = SIMD8<Int64>(repeating: max(-limit, min(high, limit)))
        var mask: UInt64 = 0
        var group = 0
        while group < 8 {
            let values = unsafe start.loadUnaligned(
                fromByteOffset: 64 &* group, as: SIMD8<Int64>.self)
            let misses = (values &- lows) | (highs &- values)
            let signs =
                SIMD8<UInt64>(truncatingIfNeeded: misses) &>> SIMD8<UInt64>(repeating: 63)
            mask |=
                bits(SIMD8<UInt8>(truncatingIfNeeded: signs))
                &<< UInt64(truncatingIfNeeded: 8 &* group)
            group &+= 1
        }
        return ~mask
    }

    @inline(__always) @inlinable
    static func range(_ start: UnsafeRawPointer, _ low: Double, _ high: Double) -> UInt64 {
        let lows = SIMD8<Double>(repeating: low)
        let highs = SIMD8<Double>(repeating: high)
        var mask: UInt64 = 0
        var group = 0
        while group < 8 {
            let values = unsafe start.loadUnaligned(
                fromByteOffset: 64 &* group, as: SIMD8<Double>.self)
            let hits = SIMD8<Int64>(repeating: 0)
                .replacing(with: SIMD8(repeating: 1), where: values .>= lows)
                .replacing(with: SIMD8(repeating: 0), where: values .> highs)
            mask |=
                bits(SIMD8<UInt8>(truncatingIfNeeded: hits))
                &<< UInt64(truncatingIfNeeded: 8 &* group)
            group &+= 1
        }
        return mask
    }

    /// Eight bytes of 0 or 1 as eight bits, the first byte lowest.
    @inline(__always) @inlinable
    static func bits(_ bytes: SIMD8<UInt8>) -> UInt64 {
        // Safe: both types are eight bytes without padding.
        let word = unsafe unsafeBitCast(bytes, to: UInt64.self)
        return (word &* 0x0102_0408_1020_4080) &>> 56
    }

    /// Sixteen bytes of 0 or 1 as sixteen bits, the first byte lowest.
    @inline(__always) @inlinable
    static func bits(_ bytes: SIMD16<UInt8>) -> UInt64 {
        // Safe: both types are sixteen bytes without padding.
        let words = unsafe unsafeBitCast(bytes, to: SIMD2<UInt64>.self)
        let gather: UInt64 = 0x0102_0408_1020_4080
        return (words[0] &* gather) &>> 56 | ((words[1] &* gather) &>> 56) &<< 8
    }

    @inline(__always) @inlinable
    static func sum<Value: FixedWidthInteger>(
        _ start: UnsafeRawPointer, _ mask: UInt64, _: Value.Type
    ) -> Int64 {
        let width = MemoryLayout<Value>.size
        var total: Int64 = 0
        if mask == .max {
            var lane = 0
            while lane < 64 {
                total &+= unsafe Int64(
                    truncatingIfNeeded: start.load(
                        fromByteOffset: width &* lane, as: Value.self))
                lane &+= 1
            }
            return total
        }
        var rest = mask
        while rest != 0 {
            total &+= unsafe Int64(
                truncatingIfNeeded: start.load(
                    fromByteOffset: width &* rest.trailingZeroBitCount, as: Value.self))
            rest &= rest &- 1
        }
        return total
    }
}
