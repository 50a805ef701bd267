import Testing

@testable import Bytes

struct StableHashTests {
    private func hash(_ bytes: [UInt8], seed: UInt64) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe StableHash.hash($0, seed: seed) }
    }

    /// The description of version 1, word for word, without regard to speed.
    private func described(_ bytes: [UInt8], seed: UInt64) -> UInt64 {
        let k: [UInt64] = [
            0x9E37_79B9_7F4A_7C15, 0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB,
            0xD6E8_FEB8_6659_FD93,
        ]
        func fold(_ x: UInt64, _ y: UInt64) -> UInt64 {
            let product = x.multipliedFullWidth(by: y)
            return product.high ^ product.low
        }
        func rot(_ x: UInt64) -> UInt64 { x << 32 | x >> 32 }
        func word(_ offset: Int, _ width: Int = 8) -> UInt64 {
            bytes[offset..<(offset + width)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        let count = bytes.count
        var s = fold(seed ^ k[2], UInt64(count) ^ k[3])
        var offset = 0
        while count - offset > 16 {
            s = fold(word(offset) ^ s, rot(word(offset + 8) ^ s) ^ k[1])
            offset += 16
        }
        var a: UInt64 = 0
        var b: UInt64 = 0
        switch count {
        case 0: break
        case 1...3:
            a = UInt64(bytes[0]) | UInt64(bytes[count / 2]) << 8 | UInt64(bytes[count - 1]) << 16
        case 4...7: (a, b) = (word(0, 4), word(count - 4, 4))
        case 8...16: (a, b) = (word(0), word(count - 8))
        default: (a, b) = (word(count - 16), word(count - 8))
        }
        return fold(fold(a ^ s, rot(b ^ s) ^ k[0]) ^ k[2], k[1])
    }

    @Test func `the hash is what its description says for every length`() {
        for seed in [0, 1, 0x0123_4567_89AB_CDEF, .max] as [UInt64] {
            for count in 0...100 {
                let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 17) }
                #expect(hash(bytes, seed: seed) == described(bytes, seed: seed))
            }
        }
    }

    @Test func `version 1 gives these values for ever`() {
        #expect(StableHash.version == 1)
        #expect(hash([], seed: 0) == 17_312_956_624_159_106_669)
        #expect(hash(Array("a".utf8), seed: 0) == 2_814_348_096_759_388_102)
        #expect(hash(Array("tessera".utf8), seed: 1) == 3_891_778_570_177_752_959)
        #expect(hash(Array("tessera hospitalis".utf8), seed: 1) == 9_201_354_943_339_301_896)
        #expect(StableHash.mix(1, 2) == 7_965_700_660_156_078_571)
    }

    @Test func `a word hashes as its eight bytes`() {
        var random = SeededRandom()
        for _ in 0..<1_000 {
            let value = random.next()
            let seed = random.next()
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
            #expect(StableHash.hash(value, seed: seed) == hash(bytes, seed: seed), "\(random)")
        }
    }

    /// Flips each input bit and counts how often each output bit follows: half of the times.
    private func checkAvalanche(
        bitCount: Int, samples: Int, _ random: inout SeededRandom,
        hash: (_ flipping: Int?, _ sample: UInt64) -> UInt64
    ) {
        for bit in 0..<bitCount {
            var flips = [Int](repeating: 0, count: 64)
            for _ in 0..<samples {
                let sample = random.next()
                let difference = hash(nil, sample) ^ hash(bit, sample)
                for output in 0..<64 where difference >> UInt64(output) & 1 == 1 {
                    flips[output] += 1
                }
            }
            for output in 0..<64 {
                let share = Double(flips[output]) / Double(samples)
                // Seven standard deviations of 1,000 fair coins are 0.11.
                #expect(abs(share - 0.5) < 0.11, "bit \(bit) to \(output): \(share), \(random)")
            }
        }
    }

    @Test(arguments: [1, 3, 4, 7, 8, 16, 17, 33])
    func `each input bit flips each output bit half of the times`(count: Int) {
        var random = SeededRandom()
        let seed = random.next()
        checkAvalanche(bitCount: count * 8, samples: 1_000, &random) { bit, sample in
            var source = SeededRandom(seed: sample)
            var bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: source.next()) }
            if let bit { bytes[bit / 8] ^= 1 << UInt8(bit % 8) }
            // Short texts have too few values to vary by themselves.
            return self.hash(bytes, seed: count < 4 ? seed ^ sample : seed)
        }
    }

    @Test func `mixing flips half of the bits and depends on the order`() {
        var random = SeededRandom()
        checkAvalanche(bitCount: 128, samples: 1_000, &random) { bit, sample in
            var source = SeededRandom(seed: sample)
            var a = source.next()
            var b = source.next()
            if let bit {
                if bit < 64 { a ^= 1 << UInt64(bit) } else { b ^= 1 << UInt64(bit - 64) }
            }
            return StableHash.mix(a, b)
        }
        var seen: Set<UInt64> = []
        for a in UInt64(0)..<300 {
            for b in UInt64(0)..<300 { seen.insert(StableHash.mix(a, b)) }
        }
        #expect(seen.count == 90_000)
    }

    @Test func `a million similar keys do not collide and fill the low and high bits evenly`() {
        var hashes: [UInt64] = []
        hashes.reserveCapacity(1_000_000)
        let buffer = ByteBuffer()
        for index in 0..<1_000_000 {
            buffer.removeAll()
            buffer.append("member-" as StaticString)
            buffer.appendInteger(index)
            buffer.append("@example.org" as StaticString)
            hashes.append(unsafe buffer.withUnsafeBytes { unsafe StableHash.hash($0, seed: 0) })
        }
        checkSpread(hashes)
        for seed in [0, 0xFEED_FACE_CAFE_BEEF] as [UInt64] {
            checkSpread((0..<200_000).map { StableHash.hash(UInt64($0), seed: seed) })
            checkSpread((0..<200_000).map { StableHash.hash(UInt64($0) << 40, seed: seed) })
        }
    }

    private func checkSpread(_ hashes: [UInt64]) {
        #expect(Set(hashes).count == hashes.count)
        for shift in [0, 16, 32, 48] as [UInt64] {
            var buckets = [Int](repeating: 0, count: 1 << 10)
            for hash in hashes { buckets[Int(hash >> shift & 1023)] += 1 }
            let expected = Double(hashes.count) / 1024
            let chiSquare = buckets.reduce(0.0) {
                $0 + (Double($1) - expected) * (Double($1) - expected) / expected
            }
            // 1,023 degrees of freedom: mean 1,023, standard deviation 45.
            #expect(chiSquare < 1_023 + 6 * 45)
            #expect(chiSquare > 1_023 - 6 * 45)
        }
    }
}
