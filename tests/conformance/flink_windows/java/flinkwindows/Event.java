// An event, or what some of them have been reduced to: their ids and the sum of their values.
package flinkwindows;

import java.util.stream.IntStream;

public class Event {
    public int[] ids = {};
    public String key = "";
    public long ts;
    public long v;
    public int input;

    public Event() {}

    Event(int id, String key, long ts, long v, int input) {
        this.ids = new int[] {id};
        this.key = key;
        this.ts = ts;
        this.v = v;
        this.input = input;
    }

    int id() {
        return ids[0];
    }

    Event with(Event other) {
        Event both = new Event(0, ids.length == 0 ? other.key : key, ts, v + other.v, input);
        both.ids = IntStream.concat(IntStream.of(ids), IntStream.of(other.ids)).toArray();
        return both;
    }
}
