import EventLoops
import NIOCore
import NIOPosix
import Testing

@Suite struct `The executor of an event loop` {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    @Test func `runs a task, its children and what they wait for on the loop's thread`() async {
        let places = await withTaskExecutorPreference(LoopExecutor(loop)) {
            let before = loop.inEventLoop
            let child = await withTaskGroup(of: Bool.self) { group in
                group.addTask { loop.inEventLoop }
                return await group.next() == true
            }
            await withCheckedContinuation { continuation in
                Task.detached { continuation.resume() }
            }
            return [before, child, loop.inEventLoop]
        }
        #expect(places == [true, true, true])
        #expect(!loop.inEventLoop)
    }
}
