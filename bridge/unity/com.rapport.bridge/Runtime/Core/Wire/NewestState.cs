using System.Threading;

namespace Rapport
{
    /// <summary>Hands the newest state from one thread to another, without a lock or an allocation.</summary>
    /// <remarks>
    /// Three states go round: one that the writer fills, one that the reader has, one between them.
    /// Both sides only ever swap theirs for the one between. What was not read is overwritten.
    /// </remarks>
    internal sealed class NewestState
    {
        private sealed class Slot
        {
            public readonly EmotionState State = new EmotionState();
            public volatile bool Unread;
        }

        private Slot _writing = new Slot();
        private Slot _between = new Slot();
        private Slot _reading = new Slot();

        /// <summary>The state that the writer may fill.</summary>
        public EmotionState Writing => _writing.State;

        /// <summary>The state that was taken last; it stays as it is until the next is taken.</summary>
        public EmotionState Reading => _reading.State;

        /// <summary>For the writer: this is the newest now.</summary>
        public void Publish()
        {
            _writing.Unread = true;
            _writing = Interlocked.Exchange(ref _between, _writing);
        }

        /// <summary>For the reader: whether there was a newer one; it is <see cref="Reading"/> now.</summary>
        public bool TryTake()
        {
            // Only the reader makes the one between read, so one that is unread stays so, or gets newer.
            if (!Volatile.Read(ref _between).Unread)
            {
                return false;
            }
            _reading.Unread = false;
            _reading = Interlocked.Exchange(ref _between, _reading);
            return true;
        }
    }
}
