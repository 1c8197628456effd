// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IWarpRoute} from "../../src/interfaces/external/IWarpRoute.sol";
import {GavelTest} from "./GavelTest.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title What the tests use of a warp route's token router beyond what the bridge adapter does.
interface IWarpRouter is IWarpRoute, IERC20 {
    function initialize(address hook, address module, address owner) external;
    function initialize(
        uint256 supply,
        string calldata name,
        string calldata symbol,
        address hook,
        address module,
        address owner
    ) external;
    function enrollRemoteRouter(uint32 domain, bytes32 router) external;
    function unenrollRemoteRouter(uint32 domain) external;
    function setFeeRecipient(address recipient) external;
    function decimals() external view returns (uint8);
}

/// @title Gavel's two chains, joined by a real Hyperlane warp route: home's dollar locked, a synthetic of it on the
/// other.
/// @notice Both routers are the creation code that Hyperlane publishes. Amounts on the wire have 18 digits.
abstract contract WarpRouteFixture is GavelTest {
    string private constant TOKENS = "../node_modules/@hyperlane-xyz/core/dist/typechain/factories/contracts/token/";

    /// @dev On `home`, holding the locked dollars.
    IWarpRouter internal locker;
    /// @dev On `pay`: the synthetic, token and router in one.
    IWarpRouter internal synthetic;

    function _deployWarpRoute() internal {
        locker = IWarpRouter(
            _createToken(
                "HypERC20Collateral__factory.js",
                abi.encode(address(home.dollar), uint256(1e12), uint256(1), address(home.mailbox))
            )
        );
        locker.initialize(address(0), address(0), address(this));
        synthetic = IWarpRouter(
            _createToken("HypERC20__factory.js", abi.encode(uint8(18), uint256(1), uint256(1), address(pay.mailbox)))
        );
        synthetic.initialize(0, "Dollar from home", "hUSD", address(0), address(0), address(this));
        locker.enrollRemoteRouter(PAY_DOMAIN, _bytes32(address(synthetic)));
        synthetic.enrollRemoteRouter(HOME_DOMAIN, _bytes32(address(locker)));
    }

    /// @dev Sends an account's dollars from home to the other chain, over the route itself.
    function _bridgeOut(address account, uint256 amount) internal {
        vm.deal(account, 1 ether);
        vm.startPrank(account);
        home.dollar.approve(address(locker), amount);
        vm.recordLogs();
        locker.transferRemote{value: MESSAGE_FEE}(PAY_DOMAIN, _bytes32(account), amount);
        vm.stopPrank();
        _deliver(_dispatched()[0]);
    }

    function _bytes32(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    function _createToken(string memory factory, bytes memory arguments) private returns (address created) {
        string memory source = vm.readFile(string.concat(TOKENS, factory));
        string memory code = vm.split(vm.split(source, "const _bytecode = \"")[1], "\"")[0];
        bytes memory init = bytes.concat(vm.parseBytes(code), arguments);
        assembly ("memory-safe") {
            created := create(0, add(init, 32), mload(init))
        }
        assertTrue(created.code.length != 0, factory);
    }
}
