using System;
using System.Collections.Generic;
using System.Reflection;

// A stand-in for the small part of NUnit that the package's tests use, so that what Unity's Test
// Runner runs is run here too, on Mono.
namespace NUnit.Framework
{
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TestAttribute : Attribute
    {
    }

    public sealed class AssertionException : Exception
    {
        public AssertionException(string message) : base(message)
        {
        }
    }

    public sealed class IgnoreException : Exception
    {
        public IgnoreException(string message) : base(message)
        {
        }
    }

    public static class Assert
    {
        public static void AreEqual(object expected, object actual, string message = "")
        {
            bool areNumbers = expected is IConvertible && actual is IConvertible && !(expected is string) && !(expected is bool)
                && !(expected is Enum);
            bool same = areNumbers ? Convert.ToDouble(expected) == Convert.ToDouble(actual) : Equals(expected, actual);
            IsTrue(same, "expected " + (expected ?? "null") + ", was " + (actual ?? "null") + ". " + message);
        }

        public static void IsTrue(bool holds, string message = "")
        {
            if (!holds)
            {
                throw new AssertionException(message);
            }
        }

        public static void IsFalse(bool holds, string message = "")
        {
            IsTrue(!holds, message);
        }

        public static void IsNull(object value, string message = "")
        {
            IsTrue(value == null, message);
        }

        public static void IsNotNull(object value, string message = "")
        {
            IsTrue(value != null, message);
        }

        public static void Catch<T>(Action act) where T : Exception
        {
            try
            {
                act();
            }
            catch (T)
            {
                return;
            }
            throw new AssertionException("no " + typeof(T).Name);
        }

        public static void Ignore(string message)
        {
            throw new IgnoreException(message);
        }
    }

    /// <summary>Runs every test of an assembly, and says a line for each.</summary>
    public static class Runner
    {
        public static int Run(Assembly assembly)
        {
            var failed = new List<string>();
            foreach (Type type in assembly.GetTypes())
            {
                foreach (MethodInfo method in type.GetMethods())
                {
                    if (method.GetCustomAttributes(typeof(TestAttribute), false).Length > 0)
                    {
                        Run(type, method, failed);
                    }
                }
            }
            return failed.Count == 0 ? 0 : 1;
        }

        private static void Run(Type type, MethodInfo method, List<string> failed)
        {
            string name = type.Name + "." + method.Name;
            try
            {
                method.Invoke(Activator.CreateInstance(type), null);
                Console.WriteLine("passed " + name);
            }
            catch (TargetInvocationException error) when (error.InnerException is IgnoreException)
            {
                Console.WriteLine("ignored " + name + ": " + error.InnerException.Message);
            }
            catch (TargetInvocationException error)
            {
                failed.Add(name);
                Console.WriteLine("FAILED " + name + ": " + error.InnerException);
            }
        }
    }
}
