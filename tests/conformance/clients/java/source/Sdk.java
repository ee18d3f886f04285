import com.fasterxml.jackson.databind.JsonNode;

/** One generation of the SDK, as the player needs it. */
interface Sdk {
    void connect(JsonNode program);

    /** Input and output by their names on the wire; bytes come back in base64. */
    JsonNode call(String operation, JsonNode input) throws ReflectiveOperationException, Refused;

    /** An error that the service told; its cause is the SDK's own exception. */
    abstract class Refused extends Exception {
        Refused(RuntimeException cause) {
            super(cause);
        }

        abstract String code();

        abstract String text();

        abstract int status();

        /** Did it come by the Query protocol? */
        abstract boolean query();

        /** Is the exception of the class of this shape? null: of the class of errors that have none of their own. */
        abstract boolean isOf(String shape) throws ClassNotFoundException;
    }
}
