import Bytes
import Glibc
import SimulatedDisk
import Synchronization
import Testing

@testable import Store

@Suite struct WriterTests {
    @Test func `what is acknowledged is visible, durable and in order`() throws {
        let disk = SimulatedDisk()
        let trial = try WriterTrial(on: disk)
        try trial.openAccounts()
        for number in 0..<50 {
            let from = number % 7
            try trial.writer.write { group in
                try Bank.transfer(3, from: from, to: 9, id: "p\(number)", in: group)
            }
            #expect(try Bank.payments(trial.store).count == number + 1)
        }
        #expect(trial.writer.state == .healthy)
        #expect(trial.writer.journalEnd?.sequence == 52)
        trial.writer.stop()
        let recovered = try recover(disk.powerCut(seed: 3), Bank.definition)
        #expect(try recovered.store.image() == trial.store.image())
        #expect(recovered.end == trial.journal?.end)
        #expect(trial.writer.submit(NotedJob({ _ in }, note: { _ in })) == false)
        #expect(throws: StorageFailure.stopping) { try trial.writer.write { _ in } }
    }

    @Test func `without a journal groups are published at once`() throws {
        let trial = try WriterTrial(on: nil)
        try trial.openAccounts()
        try trial.writer.write { group in
            try Bank.transfer(3, from: 1, to: 9, id: "p", in: group)
        }
        #expect(try Bank.payments(trial.store) == ["p"])
        #expect(trial.writer.journalEnd == nil)
        trial.writer.stop()
        #expect(try trial.store.faults() == [])
    }

    @Test(arguments: [SyncMode.always, .interval(milliseconds: 1), .never])
    func `money moved by many clients is neither made nor lost`(mode: SyncMode) throws {
        let disk = SimulatedDisk()
        let trial = try WriterTrial(on: disk, syncMode: mode)
        try trial.openAccounts()
        let done = Guarded<Set<String>>([])
        let writer = trial.writer
        onThreads(8) { thread in
            var numbers = SeededRandom(seed: UInt64(thread))
            for number in 0..<60 {
                let (from, to) = (numbers.below(10), 10 + numbers.below(10))
                let money = Int64(numbers.below(120))
                let id = "t\(thread)-\(number)"
                do {
                    try writer.write { group in
                        try Bank.transfer(money, from: from, to: to, id: id, in: group)
                    }
                    done.withLock { _ = $0.insert(id) }
                } catch is Bank.Refused {
                } catch {
                    Issue.record("\(error)")
                }
            }
        }
        writer.stop()
        let payments = done.withLock { $0 }
        #expect(payments.count > 100)
        #expect(try Bank.payments(trial.store) == payments)
        #expect(try trial.store.faults() == [])
        #expect(trial.store.slots.hangingCount == 0)
        let recovered = try recover(disk.powerCut(seed: 9), Bank.definition)
        #expect(try recovered.store.image() == trial.store.image())
    }

    @Test func `of equal keys created at once exactly one stays`() throws {
        let trial = try WriterTrial(on: SimulatedDisk())
        let created = Guarded<[Int: Int]>([:])
        let writer = trial.writer
        onThreads(6) { _ in
            for number in 0..<40 {
                do {
                    try writer.write { group in try Bank.insertAccount(number, in: group) }
                    created.withLock { $0[number, default: 0] += 1 }
                } catch is StoreError {
                } catch {
                    Issue.record("\(error)")
                }
            }
        }
        writer.stop()
        #expect(
            created.withLock { $0 }
                == Dictionary(
                    uniqueKeysWithValues: (0..<40).map { ($0, 1) }))
    }

    @Test func `while the disk is busy jobs gather in one group`() throws {
        let disk = SimulatedDisk()
        let trial = try WriterTrial(on: disk)
        try trial.openAccounts()
        let gate = Gate()
        disk.watch { operation, _ in if operation == .sync { gate.pass() } }
        let sequences = Guarded<[UInt64]>([])
        let seen = Guarded<[Int]>([])
        let running = Gate()
        func submit(_ number: Int) {
            let isTaken = trial.writer.submit(
                NotedJob(
                    { group in
                        do {
                            try Bank.transfer(1, from: 1, to: 2, id: "p\(number)", in: group)
                        } catch { Issue.record("\(error)") }
                        running.pass()
                    },
                    note: { result in
                        sequences.withLock { $0.append((try? result.get()) ?? 0) }
                        seen.withLock { $0.append(number) }
                    }))
            #expect(isTaken)
        }
        running.open()
        submit(0)
        gate.waitForComers(1)
        for number in 1...10 { submit(number) }
        running.waitForComers(11)
        // All have run, none is visible, none was told.
        #expect(try Bank.payments(trial.store).isEmpty)
        #expect(sequences.withLock { $0 } == [])
        gate.open()
        trial.writer.stop()
        #expect(sequences.withLock { $0 } == [3] + Array(repeating: 4, count: 10))
        #expect(seen.withLock { $0 } == Array(0...10))
        #expect(try Bank.payments(trial.store).count == 11)
    }

    @Test func `jobs hear of their group's end when all of them have ended`() throws {
        let trial = try WriterTrial(on: SimulatedDisk())
        let gate = Gate()
        let notes = Guarded<[String]>([])
        for number in 0..<3 {
            let isTaken = trial.writer.submit(
                NotedJob(
                    { _ in if number == 0 { gate.pass() } },
                    note: { _ in notes.withLock { $0.append("job \(number)") } },
                    noteGroup: { notes.withLock { $0.append("group of \(number)") } }))
            #expect(isTaken)
        }
        // The first job holds the run role until all are in the queue.
        gate.waitForComers(1)
        gate.open()
        trial.writer.stop()
        #expect(
            notes.withLock { $0 } == [
                "job 0", "job 1", "job 2", "group of 0", "group of 1", "group of 2",
            ])
    }

    @Test func `a job that changes nothing waits for what it has seen`() throws {
        let disk = SimulatedDisk()
        let trial = try WriterTrial(on: disk)
        try trial.openAccounts()
        let gate = Gate()
        disk.watch { operation, _ in if operation == .sync { gate.pass() } }
        let told = Guarded<[String]>([])
        let hasRun = Gate()
        hasRun.open()
        _ = trial.writer.submit(
            NotedJob(
                { group in
                    do { try Bank.transfer(1, from: 1, to: 2, id: "p", in: group) } catch {
                        Issue.record("\(error)")
                    }
                }, note: { _ in told.withLock { $0.append("write") } }))
        gate.waitForComers(1)
        _ = trial.writer.submit(
            NotedJob(
                { group in
                    #expect(throws: Bank.Refused.self) {
                        try Bank.transfer(9_999, from: 1, to: 2, id: "q", in: group)
                    }
                    hasRun.pass()
                }, note: { result in told.withLock { $0.append("look \(result)") } }))
        hasRun.waitForComers(1)
        #expect(told.withLock { $0 } == [])
        gate.open()
        trial.writer.stop()
        #expect(told.withLock { $0 } == ["write", "look success(3)"])
        #expect(trial.journal?.end.sequence == 3)
    }

    @Test func `a full queue takes no more`() throws {
        var limits = WriterLimits()
        limits.queuedJobsMax = 3
        let trial = try WriterTrial(on: SimulatedDisk(), limits: limits)
        let gate = Gate()
        let told = Atomic<Int>(0)
        _ = trial.writer.submit(NotedJob({ _ in gate.pass() }, note: { _ in }))
        gate.waitForComers(1)
        for _ in 0..<3 { #expect(trial.writer.submit(NotedJob({ _ in }, note: { _ in }))) }
        #expect(trial.writer.submit(NotedJob({ _ in }, note: { _ in })) == false)
        #expect(throws: StorageFailure.busy) { try trial.writer.write { _ in } }
        gate.open()
        trial.writer.stop()
        _ = told
    }

    @Test func `a group is bounded`() throws {
        var limits = WriterLimits()
        limits.groupJobsMax = 2
        let disk = SimulatedDisk()
        let trial = try WriterTrial(on: disk, limits: limits)
        try trial.openAccounts()
        let gate = Gate()
        disk.watch { operation, _ in if operation == .sync { gate.pass() } }
        let sequences = Guarded<[UInt64]>([])
        for number in 0..<7 {
            _ = trial.writer.submit(
                NotedJob(
                    { group in
                        do {
                            try Bank.transfer(1, from: 1, to: 2, id: "p\(number)", in: group)
                        } catch { Issue.record("\(error)") }
                    },
                    note: { result in
                        sequences.withLock { $0.append((try? result.get()) ?? 0) }
                    }))
            if number == 0 { gate.waitForComers(1) }
        }
        gate.open()
        trial.writer.stop()
        #expect(sequences.withLock { $0 } == [3, 4, 4, 5, 5, 6, 6])
    }

    @Test func `a long reader sees its version and holds up nobody`() throws {
        let trial = try WriterTrial(on: SimulatedDisk())
        try trial.openAccounts()
        let reader = try #require(trial.store.makeReader())
        let view = reader.pin()
        let image = StoreImage(trial.store, view)
        let writer = trial.writer
        onThreads(4) { thread in
            for number in 0..<50 {
                do {
                    try writer.write { group in
                        try Bank.transfer(
                            1, from: thread, to: 9, id: "t\(thread)-\(number)", in: group)
                    }
                } catch { Issue.record("\(error)") }
            }
        }
        #expect(StoreImage(trial.store, view) == image)
        #expect(trial.store.check(view) == [])
        #expect(trial.store.slots.hangingCount > 0)
        reader.unpin()
        #expect(trial.store.slots.hangingCount == 0)
        writer.stop()
        #expect(try Bank.payments(trial.store).count == 200)
    }

    @Test func `the journal is switched between two groups`() throws {
        let disk = SimulatedDisk()
        let trial = try WriterTrial(on: disk)
        try trial.openAccounts()
        let writer = trial.writer
        let isDone = Atomic<Bool>(false)
        let store = trial.store
        let rotator = try SystemThread.start {
            guard let reader = store.makeReader() else { return }
            for generation in 2...6 as ClosedRange<UInt64> {
                do {
                    let rotation = try writer.rotate(pinning: reader)
                    #expect(rotation.end.generation == generation)
                    #expect(rotation.end.sequence == rotation.view.sequence)
                    #expect(rotation.previous.sequence == rotation.view.sequence)
                    #expect(try Bank.payments(store, rotation.view).count >= 0)
                } catch { Issue.record("\(error)") }
                reader.unpin()
            }
            isDone.store(true, ordering: .sequentiallyConsistent)
        }
        onThreads(4) { thread in
            var number = 0
            while number < 40 || !isDone.load(ordering: .sequentiallyConsistent) {
                let id = "t\(thread)-\(number)"
                do {
                    try writer.write { group in
                        try Bank.transfer(1, from: thread, to: 9, id: id, in: group)
                    }
                } catch is Bank.Refused {
                } catch { Issue.record("\(error)") }
                number += 1
            }
        }
        rotator.join()
        writer.stop()
        let recovered = try recover(disk.kill(), Bank.definition)
        #expect(recovered.end.generation == 6)
        #expect(try recovered.store.image() == trial.store.image())
    }
}
