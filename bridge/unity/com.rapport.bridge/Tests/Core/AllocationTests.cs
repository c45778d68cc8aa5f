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
        private const int WarmUp = 500, Measured = 5000, Burst = 10;

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
                        if (link.Fill(Stream.WaitMs))
                        {
                            stream.OnBytes(link, me);
                            received += newest.TryTake() ? 1 : 0;
                        }
                        before = newest.Reading.Sequence < WarmUp ? GC.GetAllocatedBytesForCurrentThread() : before;
                        Volatile.Write(ref allocated, GC.GetAllocatedBytesForCurrentThread() - before);
                        if (newest.Reading.Sequence == WarmUp + Measured)
                        {
                            return;
                        }
                    }
                }
            });
            try
            {
                using (Socket peer = listener.AcceptSocket())
                {
                    peer.NoDelay = true;
                    peer.Send(ZmtpBytes.Greeting("NULL"));
                    peer.Send(Framed(4, ZmtpBytes.Metadata("READY", "PUB")));
                    for (int i = 1; i <= WarmUp + Measured; i++)
                    {
                        peer.Send(Framed(2, Frames.State(i)));
                        if (i % Burst == 0)
                        {
                            Thread.Sleep(1); // else only the last of them would be news
                        }
                    }
                    for (int i = 0; i < 1000 && !receiver.Ended; i++)
                    {
                        Thread.Sleep(10);
                    }
                }
            }
            finally
            {
                receiver.Stop();
                listener.Stop();
            }
            Assert.IsNull(receiver.Failure, receiver.Failure?.Message);
            Assert.AreEqual(WarmUp + Measured, newest.Reading.Sequence);
            Assert.IsTrue(received > 100, "hardly any state was taken: " + received);
            Assert.AreEqual(0, Volatile.Read(ref allocated));
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
