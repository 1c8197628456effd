// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {PriceFeed} from "../../devnet/PriceFeed.sol";
import {TestToken} from "../../devnet/TestToken.sol";
import {AaveMarginCall} from "../../src/adapters/AaveMarginCall.sol";
import {MarginBounds, MarginTerms} from "../../src/interfaces/IMarginCall.sol";
import {Intent} from "../../src/types/Types.sol";
import {ICheats} from "../base/ICheats.sol";
import {AaveFixture} from "../fixtures/AaveFixture.sol";
import {MarginCallWorld} from "../fixtures/MarginCallWorld.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Gas of margin calls on Morpho Blue itself, whole transactions: certificate, payment, trim.
/// forge-config: default.isolate = true
contract MarginCallGas is MarginCallWorld {
    function _measured(string memory name) private {
        cheats.snapshotGasLastCall("marginCall", name);
    }

    function test_LandLocal() public {
        Intent memory intent = _intent(home, position);
        home.collateral.land(_landingOf(home, intent, alice, 1e18, HOME_DOMAIN));
        _measured("Morpho: land, local");
    }

    function test_LandRemote() public {
        Intent memory intent = _intent(home, position);
        home.collateral.land(_landingOf(home, intent, alice, 1e18, PAY_DOMAIN));
        _measured("Morpho: land, remote");
    }

    function test_Terms() public {
        vm.prank(borrower);
        margin.setTerms(position, terms);
        _measured("terms, changed");
        vm.prank(borrower);
        margin.optOut(position);
        _measured("opt out");
    }

    function test_AdapterAlone() public {
        home.dollar.mint(address(margin), 3000e6);
        home.ether_.mint(address(home.collateral), 1);
        vm.prank(address(home.collateral));
        margin.liquidate(position, 3000e6, 1e18, address(home.collateral));
        _measured("Morpho: adapter's liquidate alone");
    }
}

/// @title Gas of a trim on Aave's own 3.0 contracts: what the escrow's call to the adapter costs.
/// forge-config: default.isolate = true
contract AaveMarginCallGas is AaveFixture {
    ICheats private constant CHEATS = ICheats(address(uint160(uint256(keccak256("hevm cheat code")))));

    function test_AdapterAlone() public {
        vm.warp(1_700_000_000);
        Aave memory aave = deployAave();
        TestToken weth = new TestToken("WETH", "WETH", 18, address(this));
        TestToken usdc = new TestToken("USDC", "USDC", 6, address(this));
        PriceFeed feed = new PriceFeed("WETH", 8, 2000e8, address(this));
        listReserve(aave, address(weth), address(feed), ReserveTerms(8000, 8250, 10_500, 1000));
        listReserve(
            aave,
            address(usdc),
            address(new PriceFeed("USDC", 8, 1e8, address(this))),
            ReserveTerms(7700, 8000, 10_450, 2000)
        );
        address user = makeAddr("user");
        deposit(aave, usdc, makeAddr("lender"), 1_000_000e6);
        deposit(aave, weth, makeAddr("lender"), 100e18);
        deposit(aave, weth, user, 10e18);
        borrow(aave, usdc, user, 15_000e6);

        MarginBounds memory bounds = MarginBounds(11_000, 10_200, 20_000, 10, 1000);
        AaveMarginCall margin = new AaveMarginCall(aave.provider, address(this), address(1), 1 days, bounds);
        bytes memory position = abi.encode(user, weth, usdc);
        vm.startPrank(user);
        IERC20(aave.pool.getReserveData(address(weth)).aToken).approve(address(margin), type(uint256).max);
        margin.setTerms(position, MarginTerms(10_500, 11_000, 200));
        vm.stopPrank();
        feed.setAnswer(1900e8);
        usdc.mint(address(margin), 3000e6);
        weth.mint(address(this), 1);
        margin.liquidate(position, 3000e6, 1e18, address(this));
        CHEATS.snapshotGasLastCall("marginCall", "Aave: adapter's liquidate alone");
    }
}
