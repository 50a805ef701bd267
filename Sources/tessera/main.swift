import Glibc
import TesseraServer

exit(runTessera())
