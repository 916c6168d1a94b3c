// Trino's own launcher is not among its Maven artifacts; this is all of it that is needed.
public class Start {
    public static void main(String[] arguments) {
        new io.trino.server.Server().start(arguments[0]);
    }
}
