import HadalEngine
import Testing
