import Bytes
import Glibc
import SimulatedDisk
import Testing

@testable import Store

/// Whatever becomes of one file: the start is refused, or says what it found, or the rows are as
/// they were. Never are they others without a word.
struct FileDamageTests {
    /// A directory with two generations and changes behind the newer snapshot.
    private func make() throws -> (disk: SimulatedDisk, image: StoreImage) {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        try directory.fill(0..<6)
        try directory.snapshot()
        try directory.fill(10..<14)
        try directory.snapshot()
        try directory.fill(20..<23)
        let image = try directory.store.image()
        try directory.close(snapshot: false)
        return (disk.copy(), image)
    }

    private enum Outcome: Equatable {
        case refused
        /// The rows are as they were, and there is a word about the file.
        case reported
        case harmless
        case silent
    }

    /// Starts from a damaged disk.
    private func outcome(
        _ disk: SimulatedDisk, _ image: StoreImage, recovers: Bool = false
    ) throws -> Outcome {
        let notices = Notices()
        let directory: DataDirectory
        do {
            directory = try DirectoryTrial.open(disk) {
                $0.recovers = recovers
                $0.notice = { notices.add($0) }
            }
        } catch {
            #expect(!error.description.isEmpty)
            return .refused
        }
        directory.waitForVerification()
        let found = try directory.store.image()
        let report = directory.report
        #expect(try directory.store.faults() == [])
        try directory.close(snapshot: false)
        let isTold =
            notices.count > 0 || !report.remarks.isEmpty || !report.losses.isEmpty
            || report.cut != nil
        if found != image { return report.losses.isEmpty ? .silent : .reported }
        return isTold ? .reported : .harmless
    }

    private func kind(of name: String) -> String {
        if name.hasSuffix(".jsonl") { return "rows" }
        if name.hasSuffix("manifest.json") { return "manifest" }
        if name.hasSuffix(".mark") { return "mark" }
        return name == "LOCK" ? "lock" : "journal"
    }

    @Test func `a flipped bit in any file is found`() throws {
        let (disk, image) = try make()
        var random = SeededRandom(seed: 42)
        for name in disk.fileNames {
            let bytes = try #require(disk.bytes(of: name))
            guard !bytes.isEmpty else { continue }
            for _ in 0..<min(bytes.count, 40) {
                let bit = random.below(bytes.count * 8)
                let damaged = disk.copy()
                damaged.replace(name, with: bytes.flipping(bit: bit))
                let outcome = try outcome(damaged, image)
                #expect(
                    outcome == .refused || outcome == .reported, "\(name), bit \(bit)")
            }
        }
    }

    @Test func `every flipped byte of a manifest and of a file of rows is found`() throws {
        let (disk, image) = try make()
        let rows = try #require(disk.fileNames.last { $0.hasSuffix(".jsonl") })
        for name in ["snapshot-0000000003/manifest.json", rows] {
            let bytes = try #require(disk.bytes(of: name))
            for place in bytes.indices {
                let damaged = disk.copy()
                var changed = bytes
                changed[place] ^= 0x55
                damaged.replace(name, with: changed)
                #expect(try outcome(damaged, image) == .refused, "\(name), byte \(place)")
            }
        }
    }

    @Test func `a file that was cut anywhere is found`() throws {
        let (disk, image) = try make()
        for name in disk.fileNames where kind(of: name) != "lock" {
            let bytes = try #require(disk.bytes(of: name))
            let step = max(1, bytes.count / 40)
            for count in stride(from: 0, to: bytes.count, by: step) {
                let damaged = disk.copy()
                damaged.replace(name, with: Array(bytes.prefix(count)))
                let outcome = try outcome(damaged, image)
                #expect(
                    outcome == .refused || outcome == .reported, "\(name) cut at \(count)")
            }
        }
    }

    @Test func `a file that grew is found`() throws {
        let (disk, image) = try make()
        for name in disk.fileNames where kind(of: name) != "lock" {
            let bytes = try #require(disk.bytes(of: name))
            for tail in [
                [0], Array(repeating: UInt8(0), count: 100), Array(bytes.prefix(60)), bytes,
            ] {
                let damaged = disk.copy()
                damaged.replace(name, with: bytes + tail)
                let outcome = try outcome(damaged, image)
                #expect(
                    outcome == .refused || outcome == .reported, "\(name) and \(tail.count) more")
            }
        }
    }

    @Test func `a file that is gone is found, or not needed`() throws {
        let (disk, image) = try make()
        for name in disk.fileNames where kind(of: name) != "lock" {
            let damaged = disk.copy()
            damaged.replace(name, with: nil)
            let outcome = try outcome(damaged, image)
            #expect(outcome == .refused || outcome == .reported, "\(name)")
        }
    }

    @Test func `two files that changed places are found`() throws {
        let (disk, image) = try make()
        let names = disk.fileNames.filter { kind(of: $0) != "lock" }
        for (position, first) in names.enumerated() {
            for second in names[(position + 1)...] where kind(of: first) == kind(of: second) {
                let damaged = disk.copy()
                let bytes = (disk.bytes(of: first), disk.bytes(of: second))
                guard bytes.0 != bytes.1 else { continue }
                damaged.replace(first, with: bytes.1)
                damaged.replace(second, with: bytes.0)
                let outcome = try outcome(damaged, image)
                #expect(
                    outcome == .refused || outcome == .reported, "\(first) and \(second)")
            }
        }
    }

    @Test func `a copy of a file under another name is found`() throws {
        let (disk, image) = try make()
        let copies = [
            ("journal-0000000003.log", "journal-0000000004.log"),
            ("journal-0000000002.log", "journal-0000000004.log"),
            ("journal-0000000003.log", "journal-0000000005.log"),
            ("journal-0000000003.log", "journal-3.log"),
            ("journal-0000000003.log", "notes.txt"),
        ]
        for (name, other) in copies {
            let damaged = disk.copy()
            damaged.replace(other, with: disk.bytes(of: name))
            #expect(try outcome(damaged, image) == .refused, "\(name) as \(other)")
        }
        let rows = try #require(disk.fileNames.last { $0.hasSuffix(".jsonl") })
        let damaged = disk.copy()
        damaged.replace("snapshot-0000000003/Member-9.jsonl", with: disk.bytes(of: rows))
        #expect(try outcome(damaged, image) == .refused)
    }

    @Test func `a whole snapshot under another number is found`() throws {
        let (disk, image) = try make()
        let damaged = disk.copy()
        try damaged.rename("snapshot-0000000002", to: "snapshot-0000000004")
        #expect(try outcome(damaged, image) == .refused)
    }

    @Test func `an older journal in place of the present one is found`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        try directory.fill(0..<3)
        let name = "journal-0000000001.log"
        let old = try #require(disk.bytes(of: name))
        try directory.fill(3..<6)
        let image = try directory.store.image()
        try directory.close(snapshot: false)
        let damaged = disk.copy()
        damaged.replace(name, with: old)
        #expect(try outcome(damaged, image) == .refused)
        // Without the mark, a journal that ends early looks like one that ends there: this is
        // said.
        damaged.replace("journal.mark", with: nil)
        let again = try DirectoryTrial.open(damaged)
        #expect(again.report.remarks.count == 1)
        try again.close(snapshot: false)
    }

    @Test func `another record in place of the acknowledged one can be given up`() throws {
        let (disk, _) = try make()
        let name = "journal-0000000003.log"
        var mark = try #require(disk.bytes(of: "journal.mark"))
        // The hash of the record that was acknowledged.
        mark[24] ^= 1
        let check = unsafe mark[..<36].withUnsafeBytes { unsafe CRC32C.value(of: $0) }
        for place in 0..<4 { mark[36 + place] = UInt8(truncatingIfNeeded: check >> (8 * place)) }
        disk.replace("journal.mark", with: mark)
        let (offset, sequence) = try lastRecord(of: try #require(disk.bytes(of: name)))
        #expect(
            throws: DirectoryError.journal(
                JournalDamage(
                    file: name, offset: offset, lastSequence: sequence - 1,
                    reason: .replaced(acknowledged: sequence)))
        ) { try DirectoryTrial.open(disk) }
        let directory = try DirectoryTrial.open(disk) { $0.recovers = true }
        #expect(directory.report.sequence == sequence - 1)
        #expect(directory.report.losses.count == 1)
        try directory.close(snapshot: false)
    }

    /// The place and number of a journal's last record.
    private func lastRecord(of bytes: [UInt8]) throws -> (offset: Int, sequence: UInt64) {
        var found: (offset: Int, sequence: UInt64)?
        var offset = 0
        while offset < bytes.count {
            let head = try #require(
                unsafe bytes[offset...].withUnsafeBytes { rest in
                    unsafe rest.baseAddress.flatMap { unsafe RecordHeader(at: $0) }
                })
            found = (offset, head.sequence)
            offset += RecordHeader.byteCount + head.bodyByteCount
        }
        return try #require(found)
    }

    @Test func `an older journal that was cut between two records is reported`() throws {
        let (disk, image) = try make()
        let name = "journal-0000000002.log"
        let bytes = try #require(disk.bytes(of: name))
        let (offset, _) = try lastRecord(of: bytes)
        disk.replace(name, with: Array(bytes[..<offset]))
        #expect(try outcome(disk, image) == .reported)
    }

    @Test func `a journal that the disk cannot read is refused, or given up`() throws {
        let (disk, _) = try make()
        let name = "journal-0000000003.log"
        disk.watch { [weak disk] operation, file in
            guard let disk, operation == .read, file == name else { return }
            disk.fail(operation: disk.operationCount + 1, .error(EIO), isPermanent: false)
        }
        let error = #expect(throws: DirectoryError.self) { try DirectoryTrial.open(disk) }
        let text = try #require(error?.description)
        #expect(text.hasPrefix("\(name), byte 0: read \(name): Input/output error; "))
        #expect(text.contains("--recover"))
        let directory = try DirectoryTrial.open(disk) { $0.recovers = true }
        #expect(directory.report.losses.count == 1)
        #expect(directory.report.losses.allSatisfy { !$0.contains("--recover") })
        let image = try directory.store.image()
        try directory.close(snapshot: false)
        #expect(try DirectoryTrial.image(disk.kill()) == image)
    }

    @Test func `later formats are refused with both numbers`() throws {
        let (disk, _) = try make()
        let name = "snapshot-0000000003/manifest.json"
        let bytes = try #require(disk.bytes(of: name))
        var text = String(decoding: bytes, as: UTF8.self)
        text.replace("{\"format\":1,", with: "{\"format\":2,")
        disk.replace(name, with: Array(text.utf8))
        let damage = FileDamage(
            file: name, offset: 0, fault: .newerFormat(found: 2, known: 1))
        #expect(throws: DirectoryError.damaged(damage)) { try DirectoryTrial.open(disk) }
        #expect(throws: DirectoryError.damaged(damage)) {
            try DirectoryTrial.open(disk) { $0.recovers = true }
        }
    }

    // MARK: Recovering on purpose

    @Test func `a recovery goes back to the older snapshot without a loss`() throws {
        let (disk, image) = try make()
        let name = "snapshot-0000000003/manifest.json"
        disk.replace(name, with: [1, 2, 3])
        let directory = try DirectoryTrial.open(disk) { $0.recovers = true }
        #expect(try directory.store.image() == image)
        #expect(directory.report.losses.count == 1)
        try directory.fill(30..<32)
        let later = try directory.store.image()
        try directory.close(snapshot: false)
        #expect(disk.bytes(of: "damaged-snapshot-0000000003/manifest.json") == [1, 2, 3])
        #expect(try DirectoryTrial.image(disk.kill()) == later)
    }

    @Test func `a recovery keeps the changes before the damage and says which are lost`() throws {
        let (disk, image) = try make()
        let name = "journal-0000000003.log"
        let bytes = try #require(disk.bytes(of: name))
        var images: Set<Int> = []
        for place in stride(from: bytes.count - 1, to: 60, by: -97) {
            let damaged = disk.copy()
            var changed = bytes
            changed[place] ^= 0x10
            damaged.replace(name, with: changed)
            let directory = try DirectoryTrial.open(damaged) { $0.recovers = true }
            #expect(try directory.store.faults() == [])
            #expect(!directory.report.losses.isEmpty, "byte \(place)")
            let found = try directory.store.image()
            #expect(found != image)
            images.insert(found.counts.reduce(0, +))
            try directory.fill(30..<32)
            let later = try directory.store.image()
            try directory.close(snapshot: false)
            #expect(damaged.bytes(of: "damaged-\(name)") == changed)
            #expect(try DirectoryTrial.image(damaged.kill()) == later)
        }
        #expect(images.count > 2)
    }

    @Test func `a recovery goes on without a journal that is missing`() throws {
        let (disk, _) = try make()
        disk.replace("journal-0000000003.log", with: nil)
        #expect(throws: DirectoryError.self) { try DirectoryTrial.open(disk) }
        let directory = try DirectoryTrial.open(disk) { $0.recovers = true }
        #expect(directory.report.losses.count == 1)
        let image = try directory.store.image()
        try directory.close(snapshot: false)
        #expect(try DirectoryTrial.image(disk) == image)
    }

    @Test func `a recovery that finds no damage does nothing`() throws {
        let (disk, image) = try make()
        #expect(try outcome(disk, image, recovers: true) == .harmless)
        #expect(disk.fileNames.allSatisfy { !$0.hasPrefix("damaged") })
    }
}

/// What a directory says in the background.
// Safe: behind a lock.
final class Notices: @unchecked Sendable {
    private let texts = Guarded<[String]>([])

    func add(_ text: String) { texts.withLock { $0.append(text) } }
    var count: Int { texts.withLock { $0.count } }
}
