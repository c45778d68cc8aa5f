using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using NUnit.Framework;

namespace Rapport.Tests
{
    /// <summary>A state costs no garbage, from the socket to the game.</summary>
    public sealed class AllocationTests
    {
        private const int WarmUp = 100, Measured = 600;

        private const int WaitMs = 10000;

        private static object _kept;

        [Test]
        public void DecodingAllocatesNothing()
        {
            RefuseBlindness();
            byte[][] frames = Many();
            var decoder = new StateDecoder();
            var state = new EmotionState();
            long before = 0;
            for (int i = 0; i < WarmUp + Measured; i++)
            {
                before = i == WarmUp ? GC.GetAllocatedBytesForCurrentThread() : before;
                byte[] frame = frames[i % frames.Length];
                if (decoder.Decode(frame, 0, frame.Length, state) != MessageFault.None)
                {
                    throw new InvalidOperationException("a frame was refused");
                }
                state.ValueOf("face.quality");
                state.WordOf("voice.condition");
                state.WordOf("moment.betrayal");
                state.ValueOf("moment.betrayal.strength");
                state.ConfidenceOf("moment.betrayal");
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before; // before 0 is boxed
            Assert.AreEqual(0, allocated);
        }

        [Test]
        public void ReceivingAllocatesNothing()
        {
            RefuseBlindness();
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            long allocated = -1;
            int received = 0;
            var newest = new NewestState();
            string address = "tcp://" + listener.LocalEndpoint;
            var stream = new StateStream(SidecarFile.Read(FileOf(address)), newest, null);
            // What Stream.Run does, with a look at the counter.
            var receiver = new Worker("receiver", me =>
            {
                using (ZmtpLink link = ZmtpLink.Open(address, "SUB", "", "", me))
                {
                    link.Subscribe(StateDecoder.Topic);
                    long before = 0;
                    while (!me.Stopping)
                    {
                        stream.OnBytes(link, me);
                        if (newest.TryTake())
                        {
                            before = received < WarmUp ? GC.GetAllocatedBytesForCurrentThread() : before;
                            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                            Volatile.Write(ref received, received + 1);
                        }
                        link.Fill(Stream.WaitMs);
                    }
                }
            });
            try
            {
                using (Socket peer = listener.AcceptSocket())
                {
                    int sent = 0;
                    Func<bool> isTaken = () => Volatile.Read(ref received) >= sent || receiver.Ended;
                    peer.NoDelay = true;
                    peer.Send(ZmtpBytes.Greeting("NULL"));
                    peer.Send(Framed(4, ZmtpBytes.Metadata("READY", "PUB")));
                    while (sent < WarmUp + Measured && isTaken())
                    {
                        peer.Send(Framed(2, Frames.State(++sent)));
                        // One after the other: of several at once only the last would be news.
                        SpinWait.SpinUntil(isTaken, WaitMs);
                    }
                    Assert.IsNull(receiver.Failure, receiver.Failure?.Message);
                    receiver.Stop();
                }
            }
            finally
            {
                receiver.Cancel();
                listener.Stop();
            }
            Assert.AreEqual(WarmUp + Measured, received);
            Assert.AreEqual(0, allocated);
        }

        // A runtime that counts nothing would let everything pass.
        private static void RefuseBlindness()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            _kept = new byte[16];
            long seen = GC.GetAllocatedBytesForCurrentThread() - before;
            if (seen < 16 || _kept == null)
            {
                Assert.Ignore("this runtime does not count what a thread allocates");
            }
        }

        private static byte[][] Many()
        {
            var frames = new byte[30][];
            for (int i = 0; i < frames.Length; i++)
            {
                frames[i] = Frames.State(i);
            }
            return frames;
        }

        private static string FileOf(string address)
        {
            return "{\"pid\": 1, \"started_wall\": 1, \"state\": \"" + address + "\", \"events\": \"" + address + "\"}";
        }

        // With the long size, as a message or a command.
        private static byte[] Framed(int flags, byte[] body)
        {
            var head = new byte[9];
            head[0] = (byte)(flags | 2);
            head[7] = (byte)(body.Length >> 8);
            head[8] = (byte)body.Length;
            return ZmtpBytes.Join(head, body);
        }
    }
}
