import Bytes
import Glibc
import SimulatedDisk
import Testing

@testable import Store

struct DataDirectoryTests {
    @Test func `an empty directory becomes a first generation without rows`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        #expect(directory.report.lines == ["a new data directory"])
        try directory.close(snapshot: false)
        #expect(
            disk.fileNames == [
                "LOCK", "journal-0000000001.log", "journal.mark",
                "snapshot-0000000001/manifest.json",
            ])
    }

    @Test func `what was acknowledged is there after a kill, from the journal alone`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        try directory.fill(0..<40)
        let image = try directory.store.image()
        let next = disk.kill()
        try? directory.close(snapshot: false)
        #expect(try DirectoryTrial.image(next) == image)
    }

    @Test func `a snapshot brings every row back to its place`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        try directory.fill(0..<200)
        let report = try directory.snapshot()
        let image = try directory.store.image()
        #expect(report.generation == 2)
        #expect(report.rows == image.counts.reduce(0, +))
        try directory.close(snapshot: false)
        let again = try DirectoryTrial.open(disk)
        #expect(again.report.changesReplayed == 0)
        #expect(again.report.generation == 2)
        #expect(try again.store.image() == image)
        // Numbers go on where they were.
        let ref = try again.insertMember(9999)
        let creation = try #require(try again.store.image().rows[0].last)
        #expect(creation.ref == ref)
        #expect(UInt64(creation.creation) == image.nextCreations[0])
        try again.close(snapshot: false)
    }

    @Test(arguments: [64, 65, 66, 129, 200])
    func `a snapshot keeps the places of rows that are gone at the end`(count: Int) throws {
        let disk = SimulatedDisk()
        let directory = try DataDirectory.open(
            disk, definition: DirectoryTrial.definition, shardCount: 1, codec: PlainCodec(),
            options: DirectoryTrial.options())
        let refs = try (0..<count).map { try directory.insertMember($0) }
        for ref in refs[1...] where ref.rawValue >= 60 { try directory.delete(0, ref) }
        try directory.snapshot()
        let image = try directory.store.image()
        try directory.close(snapshot: false)
        let again = try DirectoryTrial.open(disk)
        #expect(try again.store.image() == image)
        #expect(try again.store.faults() == [])
        #expect(try again.insertMember(count).rawValue == UInt32(count))
        #expect(try again.store.faults() == [])
        try again.close(snapshot: false)
    }

    @Test func `changes behind a snapshot follow from the journal`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        try directory.fill(0..<30)
        try directory.snapshot()
        try directory.fill(100..<130)
        let image = try directory.store.image()
        let next = disk.kill()
        try? directory.close(snapshot: false)
        let again = try DirectoryTrial.open(next)
        #expect(again.report.generation == 2)
        #expect(again.report.recordsReplayed > 0)
        #expect(try again.store.image() == image)
        #expect(try again.store.faults() == [])
        try again.close(snapshot: true)
        #expect(try DirectoryTrial.image(next) == image)
    }

    @Test func `the two newest generations are kept and no more`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        for round in 0..<4 {
            try directory.fill(round * 10..<round * 10 + 3)
            try directory.snapshot()
        }
        try directory.close(snapshot: true)
        #expect(
            try disk.list("") == [
                "LOCK", "journal-0000000004.log", "journal-0000000005.log", "journal.mark",
                "snapshot-0000000004", "snapshot-0000000005",
            ])
    }

    @Test func `a second process is refused at once`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        #expect(throws: DirectoryError.inUse) { try DirectoryTrial.open(disk) }
        try directory.close(snapshot: false)
    }

    @Test func `a snapshot that finds no room leaves the store as it was`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        try directory.fill(0..<20)
        // The journal of the next generation still finds room, the rows do not.
        var number = disk.operationCount
        var failures = 0
        while failures < 12 {
            number = disk.operationCount + 14 + failures
            disk.fail(operation: number, .shortWrite(ENOSPC), isPermanent: true)
            #expect(throws: DirectoryError.self) { try directory.snapshot() }
            #expect(directory.snapshotFailure != nil)
            disk.mend()
            failures += 1
        }
        try directory.fill(50..<60)
        let image = try directory.store.image()
        let next = disk.kill()
        try? directory.close(snapshot: false)
        #expect(try DirectoryTrial.image(next) == image)
    }

    @Test func `periodic snapshots are made while changes go on`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        try directory.startSnapshots(every: .milliseconds(20), journalBytes: 1 << 30)
        var number = 0
        while disk.fileNames.allSatisfy({ !$0.hasPrefix("snapshot-0000000003/manifest") }) {
            try directory.fill(number..<number + 2)
            number += 2
        }
        let image = try directory.store.image()
        try directory.close(snapshot: false)
        #expect(try DirectoryTrial.image(disk) == image)
    }

    @Test func `a store from memory begins a directory`() throws {
        let store = Store(DirectoryTrial.definition, shardCount: 4, seed: 1)
        for number in 0..<300 {
            try store.insert(
                0, id: "\(number)", [4: .utf8("m\(number)"), 6: .int(Int64(number % 3))])
        }
        let disk = SimulatedDisk()
        let report = try DataDirectory.create(
            disk, holding: store, codec: PlainCodec(), now: DirectoryTrial.time)
        #expect(report.rows == 300)
        #expect(try DirectoryTrial.image(disk).content == store.image().content)
        #expect(throws: DirectoryError.notEmpty(file: "journal-0000000001.log")) {
            try DataDirectory.create(disk, holding: store, codec: PlainCodec(), now: 0)
        }
    }

    @Test func `the files of a directory are for their owner alone`() throws {
        let path = "/tmp/tessera-directory-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let disk = try SystemDisk(path: path, create: true)
        let directory = try DirectoryTrial.open(disk)
        try directory.fill(0..<10)
        try directory.snapshot()
        let image = try directory.store.image()
        try directory.close(snapshot: true)
        func mode(_ name: String) -> mode_t {
            var status = stat()
            unsafe lstat("\(path)/\(name)", &status)
            return status.st_mode & 0o777
        }
        #expect(mode("") == 0o700)
        #expect(mode("snapshot-0000000002") == 0o700)
        for name in try disk.list("snapshot-0000000002") {
            #expect(mode("snapshot-0000000002/\(name)") == 0o600)
        }
        #expect(mode("journal-0000000002.log") == 0o600)
        #expect(mode("LOCK") == 0o600)
        #expect(try DirectoryTrial.image(disk) == image)
        for folder in try disk.list("") where folder.hasPrefix("snapshot") {
            try disk.removeFolder(folder)
        }
        for name in try disk.list("") { try disk.remove(name) }
        unsafe rmdir(path)
    }

    // MARK: Backup

    @Test func `a backup of a running directory opens to what was acknowledged`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        try directory.fill(0..<30)
        try directory.snapshot()
        try directory.fill(40..<50)
        let image = try directory.store.image()
        let target = SimulatedDisk()
        try directory.backup(to: target)
        try directory.fill(60..<70)
        #expect(try DirectoryTrial.image(target.powerCut(seed: 1)) == image)
        #expect(throws: DirectoryError.self) { try directory.backup(to: disk) }
        try directory.close(snapshot: false)
        let report = try DataDirectory.verify(disk)
        #expect(report.faults == [])
        #expect(report.lines.count == 4)
    }

    @Test func `a restore goes back to any moment since the oldest snapshot`() throws {
        let disk = SimulatedDisk()
        let clock = TestClock()
        var options = DirectoryTrial.options()
        options.clock = { clock.now }
        let directory = try DataDirectory.open(
            disk, definition: DirectoryTrial.definition, shardCount: 4, codec: PlainCodec(),
            options: options)
        var moments: [(time: Int64, image: StoreImage)] = []
        for round in 0..<6 {
            clock.now += 1000
            try directory.fill(round * 10..<round * 10 + 4)
            moments.append((clock.now, try directory.store.image()))
            if round == 3 { try directory.snapshot() }
        }
        try directory.close(snapshot: false)
        for moment in moments {
            let target = SimulatedDisk()
            let (_, time) = try DataDirectory.restore(
                from: disk, to: target, at: moment.time + 500)
            #expect(time == moment.time)
            #expect(try DirectoryTrial.image(target) == moment.image)
        }
        let target = SimulatedDisk()
        try DataDirectory.restore(from: disk, to: target)
        #expect(try DirectoryTrial.image(target) == moments[5].image)
        #expect(
            throws: DirectoryError.tooEarly(
                time: DirectoryTrial.time - 1, earliest: DirectoryTrial.time)
        ) {
            try DataDirectory.restore(
                from: disk, to: SimulatedDisk(), at: DirectoryTrial.time - 1)
        }
    }
}

/// A clock that a test sets.
// Safe: behind a lock.
final class TestClock: @unchecked Sendable {
    private let time = Guarded<Int64>(DirectoryTrial.time)

    var now: Int64 {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}
