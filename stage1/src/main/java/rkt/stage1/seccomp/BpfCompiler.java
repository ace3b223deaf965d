package rkt.stage1.seccomp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import rkt.stage1.seccomp.SeccompFilter.Action;
import rkt.stage1.seccomp.SeccompFilter.Condition;
import rkt.stage1.seccomp.SeccompFilter.Rule;

/**
 * Compiles a filter to the classic BPF program that {@code seccomp(SECCOMP_SET_MODE_FILTER)} takes.
 *
 * <p>Per ABI the numbers are cut into intervals of equal verdict, found by binary search: some ten
 * instructions per call where a list of comparisons takes hundreds. The layout of {@code struct
 * seccomp_data} is nr at 0, arch at 4, the instruction pointer at 8, and the arguments from 16 on,
 * low half first on the little-endian machines of {@link Arch}.
 */
public final class BpfCompiler {
  private static final int LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
  private static final int AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
  private static final int JUMP = 0x05; // BPF_JMP | BPF_JA
  private static final int IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
  private static final int IF_GREATER = 0x25; // BPF_JMP | BPF_JGT | BPF_K
  private static final int IF_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
  private static final int RETURN = 0x06; // BPF_RET | BPF_K

  /** Not an instruction: a jump to a block whose place is not known yet. */
  private static final int TO_BLOCK = 0xffff;

  private static final int RET_KILL_PROCESS = 0x80000000;
  private static final int RET_ERRNO = 0x00050000;
  private static final int RET_ALLOW = 0x7fff0000;

  /** BPF_MAXINSNS. */
  private static final int MAX_INSTRUCTIONS = 4096;

  private final SeccompFilter filter;

  /** Verdicts that look at arguments, each emitted once, behind everything that jumps to it. */
  private final List<List<Op>> blocks = new ArrayList<>();

  private BpfCompiler(SeccompFilter filter) {
    this.filter = filter;
  }

  /** One instruction; {@code yes} and {@code no} count instructions to skip. */
  private record Op(int code, int yes, int no, int k) {
    static Op returning(Action action) {
      int value =
          switch (action) {
            case Action.Allow() -> RET_ALLOW;
            case Action.Kill() -> RET_KILL_PROCESS;
            case Action.Fail(int errno) -> RET_ERRNO | errno;
          };
      return new Op(RETURN, 0, 0, value);
    }
  }

  /** From this number (unsigned) up to the next interval's, run this code. */
  private record Interval(long start, List<Op> code) {}

  /** The program as an array of {@code struct sock_filter}, little-endian. */
  public static byte[] compile(SeccompFilter filter, Arch arch) {
    List<Op> program = new BpfCompiler(filter).program(arch);
    if (program.size() > MAX_INSTRUCTIONS) {
      throw new IllegalArgumentException("system call filter is too long for the kernel");
    }
    byte[] bytes = new byte[program.size() * 8];
    int at = 0;
    for (Op op : program) {
      bytes[at] = (byte) op.code();
      bytes[at + 2] = (byte) op.yes();
      bytes[at + 3] = (byte) op.no();
      for (int i = 0; i < 4; i++) {
        bytes[at + 4 + i] = (byte) (op.k() >>> (8 * i));
      }
      at += 8;
    }
    return bytes;
  }

  private List<Op> program(Arch arch) {
    List<Op> program = new ArrayList<>(1024);
    program.add(new Op(LOAD, 0, 0, 4));
    for (Arch.Abi abi : arch.abis()) {
      TreeMap<Long, List<Op>> table = new TreeMap<>();
      fill(table, abi.numbers());
      List<Op> search = new ArrayList<>();
      search.add(new Op(LOAD, 0, 0, 0));
      List<Interval> intervals = intervals(table);
      if (abi.audit() == Arch.AUDIT_X86_64) {
        // The numbers of x32; the last one is no call but what a tracer has taken back.
        append(intervals, Arch.X32_BIT, List.of(Op.returning(new Action.Kill())));
        append(intervals, 0xffffffffL, List.of(Op.returning(filter.fallback())));
      }
      search.addAll(search(intervals, 0, intervals.size()));
      program.add(new Op(IF_EQUAL, 1, 0, abi.audit()));
      program.add(new Op(JUMP, 0, 0, search.size()));
      program.addAll(search);
    }
    // An ABI that nobody thought of when the filter was written.
    program.add(Op.returning(new Action.Kill()));
    return link(program);
  }

  /** Appends the blocks and gives the jumps to them their distances. */
  private List<Op> link(List<Op> program) {
    int[] starts = new int[blocks.size()];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = program.size();
      program.addAll(blocks.get(i));
    }
    for (int at = 0; at < program.size(); at++) {
      Op op = program.get(at);
      if (op.code() == TO_BLOCK) {
        program.set(at, new Op(JUMP, 0, 0, starts[op.k()] - at - 1));
      }
    }
    return program;
  }

  private List<Op> jumpTo(List<Op> block) {
    int index = blocks.indexOf(block);
    if (index < 0) {
      index = blocks.size();
      blocks.add(block);
    }
    return List.of(new Op(TO_BLOCK, 0, 0, index));
  }

  private void fill(TreeMap<Long, List<Op>> table, Map<String, Integer> numbers) {
    Map<String, List<Rule>> byName = new HashMap<>();
    for (Rule rule : filter.rules()) {
      for (String name : rule.names()) {
        byName.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(rule);
      }
    }
    for (Map.Entry<String, List<Rule>> entry : byName.entrySet()) {
      Integer number = numbers.get(entry.getKey());
      if (number != null) {
        table.put(Integer.toUnsignedLong(number), verdict(entry.getValue()));
      }
    }
  }

  /** The code that decides one call: its rules in order, then the default. */
  private List<Op> verdict(List<Rule> rules) {
    List<Op> code = new ArrayList<>();
    for (Rule rule : rules) {
      List<Op> body = new ArrayList<>();
      List<Op> matched = List.of(Op.returning(rule.action()));
      for (int i = rule.conditions().size() - 1; i >= 0; i--) {
        body = test(rule.conditions().get(i), body.isEmpty() ? matched : body);
      }
      code.addAll(body.isEmpty() ? matched : body);
      if (rule.conditions().isEmpty()) {
        return code;
      }
    }
    code.add(Op.returning(filter.fallback()));
    return code.size() == 1 ? code : jumpTo(code);
  }

  /** The condition, then the code to run when it holds; falls behind that code when it does not. */
  private static List<Op> test(Condition condition, List<Op> then) {
    int low = 16 + 8 * condition.index();
    int k = (int) condition.value();
    int skip = then.size();
    List<Op> code = new ArrayList<>();
    switch (condition.comparison()) {
      case EQUAL -> {
        code.add(new Op(LOAD, 0, 0, low + 4));
        code.add(new Op(IF_EQUAL, 0, skip + 2, 0));
        code.add(new Op(LOAD, 0, 0, low));
        code.add(new Op(IF_EQUAL, 0, skip, k));
      }
      case MASKED -> {
        code.add(new Op(LOAD, 0, 0, low));
        code.add(new Op(AND, 0, 0, (int) condition.mask()));
        code.add(new Op(IF_EQUAL, 0, skip, k));
      }
      case GREATER -> {
        code.add(new Op(LOAD, 0, 0, low + 4));
        code.add(new Op(IF_GREATER, 2, 0, 0));
        code.add(new Op(LOAD, 0, 0, low));
        code.add(new Op(IF_GREATER, 0, skip, k));
      }
      case LESS -> {
        code.add(new Op(LOAD, 0, 0, low + 4));
        code.add(new Op(IF_EQUAL, 0, skip + 2, 0));
        code.add(new Op(LOAD, 0, 0, low));
        code.add(new Op(IF_AT_LEAST, skip, 0, k));
      }
    }
    code.addAll(then);
    return code;
  }

  private List<Interval> intervals(TreeMap<Long, List<Op>> table) {
    List<Op> otherwise = List.of(Op.returning(filter.fallback()));
    List<Interval> intervals = new ArrayList<>();
    intervals.add(new Interval(0, otherwise));
    long expected = 0;
    for (Map.Entry<Long, List<Op>> entry : table.entrySet()) {
      if (entry.getKey() != expected) {
        append(intervals, expected, otherwise);
      }
      append(intervals, entry.getKey(), entry.getValue());
      expected = entry.getKey() + 1;
    }
    append(intervals, expected, otherwise);
    return intervals;
  }

  private static void append(List<Interval> intervals, long start, List<Op> code) {
    Interval last = intervals.getLast();
    if (last.start() == start) {
      intervals.removeLast();
      last = intervals.isEmpty() ? null : intervals.getLast();
    }
    if (last == null || !last.code().equals(code)) {
      intervals.add(new Interval(start, code));
    }
  }

  private static List<Op> search(List<Interval> intervals, int from, int to) {
    if (to - from == 1) {
      return intervals.get(from).code();
    }
    int middle = (from + to) >>> 1;
    List<Op> lower = search(intervals, from, middle);
    List<Op> upper = search(intervals, middle, to);
    List<Op> code = new ArrayList<>(lower.size() + upper.size() + 2);
    int start = (int) intervals.get(middle).start();
    if (lower.size() <= 255) {
      code.add(new Op(IF_AT_LEAST, lower.size(), 0, start));
    } else {
      // Conditional jumps reach 255 instructions, unconditional ones any distance.
      code.add(new Op(IF_AT_LEAST, 0, 1, start));
      code.add(new Op(JUMP, 0, 0, lower.size()));
    }
    code.addAll(lower);
    code.addAll(upper);
    return code;
  }
}
