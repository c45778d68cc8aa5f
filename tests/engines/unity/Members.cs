using System;
using System.Collections.Generic;
using System.Reflection;
using System.Reflection.Emit;

namespace Rapport.Tests
{
    /// <summary>Says every member of the class library that an assembly uses, one a line, in order.</summary>
    /// <remarks>Found in its code, instruction by instruction, so nothing that is used can be missing.</remarks>
    internal static class Members
    {
        private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static
            | BindingFlags.Instance | BindingFlags.DeclaredOnly;

        private static readonly Dictionary<int, OpCode> Codes = AllCodes();

        public static int Say(string path)
        {
            Assembly assembly = Assembly.LoadFrom(path);
            var used = new SortedSet<string>(StringComparer.Ordinal);
            foreach (Type type in assembly.GetTypes())
            {
                foreach (MemberInfo member in type.GetMembers(All))
                {
                    if (member is MethodBase method && method.GetMethodBody() != null)
                    {
                        Look(method, assembly, used);
                    }
                }
            }
            foreach (string member in used)
            {
                Console.WriteLine(member);
            }
            return 0;
        }

        private static void Look(MethodBase method, Assembly assembly, SortedSet<string> used)
        {
            byte[] code = method.GetMethodBody().GetILAsByteArray();
            Type[] ofType = method.DeclaringType.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
            Type[] ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
            for (int at = 0; at < code.Length;)
            {
                int value = code[at++];
                OpCode op = Codes[value == 0xfe ? 0xfe00 | code[at++] : value];
                if (op.OperandType == OperandType.InlineMethod || op.OperandType == OperandType.InlineField)
                {
                    MemberInfo member = method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod);
                    if (member.DeclaringType.Assembly != assembly && !member.DeclaringType.IsArray)
                    {
                        used.Add(Name(member));
                    }
                }
                at += Size(op, code, at);
            }
        }

        // The definition, not the use: List`1.Add(T), not List<int>.Add(int).
        private static string Name(MemberInfo member)
        {
            if (member is MethodInfo use && use.IsGenericMethod)
            {
                member = use.GetGenericMethodDefinition();
            }
            Type type = member.DeclaringType;
            if (type.IsGenericType && !type.IsGenericTypeDefinition)
            {
                foreach (MemberInfo one in type.GetGenericTypeDefinition().GetMembers(All))
                {
                    if (one.MetadataToken == member.MetadataToken)
                    {
                        member = one;
                    }
                }
            }
            if (!(member is MethodBase method))
            {
                return member.DeclaringType.FullName + "." + member.Name;
            }
            var parameters = new List<string>();
            foreach (ParameterInfo parameter in method.GetParameters())
            {
                parameters.Add(parameter.ParameterType.Name);
            }
            return member.DeclaringType.FullName + "." + member.Name + "(" + string.Join(", ", parameters) + ")";
        }

        private static int Size(OpCode op, byte[] code, int at)
        {
            switch (op.OperandType)
            {
                case OperandType.InlineNone: return 0;
                case OperandType.ShortInlineBrTarget:
                case OperandType.ShortInlineI:
                case OperandType.ShortInlineVar: return 1;
                case OperandType.InlineVar: return 2;
                case OperandType.InlineI8:
                case OperandType.InlineR: return 8;
                case OperandType.InlineSwitch: return 4 + (4 * BitConverter.ToInt32(code, at));
                default: return 4;
            }
        }

        private static Dictionary<int, OpCode> AllCodes()
        {
            var codes = new Dictionary<int, OpCode>();
            foreach (FieldInfo field in typeof(OpCodes).GetFields())
            {
                var op = (OpCode)field.GetValue(null);
                codes[op.Value & 0xffff] = op;
            }
            return codes;
        }
    }
}
