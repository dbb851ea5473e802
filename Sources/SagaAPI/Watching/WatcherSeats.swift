import Synchronization

/// The places for watchers: so many at once, and no more.
///
/// A final class because all requests share it.
final class WatcherSeats: Sendable {
    private let free: Mutex<Int>

    /// That many places.
    init(_ count: Int) { free = Mutex(count) }

    /// A place, until nobody holds it any more; nil where all are taken.
    func take() -> Seat? {
        let isFree = free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
        return isFree ? Seat(self) : nil
    }

    private func giveBack() { free.withLock { $0 += 1 } }

    /// One watcher's place.
    final class Seat: Sendable {
        private let seats: WatcherSeats
        fileprivate init(_ seats: WatcherSeats) { self.seats = seats }
        deinit { seats.giveBack() }
    }
}
